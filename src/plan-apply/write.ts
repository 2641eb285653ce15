import { AppError, DeniedError } from "../errors.ts";
import { type Change, type Item, uncachedReader } from "../kinds/model/kind.ts";
import { idsOf, itemNamedBy, referencesIn, resolveIds } from "../kinds/model/reference.ts";
import { readerIn } from "../kinds/system/namespaces.ts";
import type { Vault } from "../vault/client.ts";
import { explainUnsupported, serverName } from "./unsupported.ts";

/**
 * Writes one change.
 *
 * The client retries a write whose response was lost or was a server error. The retry may be refused since the first attempt
 * created the object. So an error counts only if the object differs from its desired state.
 *
 * @param verified fields that this run has read back; shared by its writes
 * @throws DeniedError if it names an object that Vault does not have, or if the server does not support the kind or did not
 *   keep a field; VaultError
 */
export async function writeChange(vault: Vault, planned: Change, verified: VerifiedFields): Promise<void> {
  const change = await resolveMissingIds(vault, planned);
  const { kind } = change.item;
  try {
    await kind.write(vault, change);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (!changesWriteOnly(change) && (await isWritten(vault, change.item).catch(() => false))) return;
    throw await explainUnsupported(vault, change.item, error);
  }
  await verifyFields(vault, change, verified);
}

/** A read cannot show whether a write-only field was written. */
function changesWriteOnly({ op, fields }: Change): boolean {
  return op === "update" && fields.some(({ writeOnly }) => writeOnly);
}

async function isWritten(vault: Vault, item: Item): Promise<boolean> {
  if (item.kind.unreadable) return false;
  const live = await item.kind.read(uncachedReader(vault), item);
  return live !== undefined && item.kind.diff(item, live) === undefined;
}

/** Resolves ids of objects that did not exist when the plan was made. They were written before this one. */
async function resolveMissingIds(vault: Vault, change: Change): Promise<Change> {
  // other text of this form has come from a Secret, and is no reference
  const references = referencesIn(change.item.desired).filter((each) => change.item.references?.includes(each));
  if (references.length === 0) return change;
  const ids = await idsOf(readerIn(change.item.namespace, uncachedReader(vault)), references);
  const missing = references.find((each) => !ids.has(each));
  if (missing === undefined) return { ...change, item: resolveIds(change.item, ids) };
  throw new DeniedError(`write ${change.item.path}: it names ${missing}, and Vault has no ${itemNamedBy(missing)}`, {
    todo: "Declare that object, or correct the name.",
  });
}

/** "kind field" for each field that this run has read back. */
type VerifiedFields = Set<string>;

/**
 * Vault mostly ignores unknown fields of a write silently. So the first write of each field of each kind in a run is read
 * back: a field that was not kept is an error of the first run, instead of a difference in every later run.
 */
async function verifyFields(vault: Vault, { item, fields }: Change, verified: VerifiedFields): Promise<void> {
  const { kind } = item;
  const unverified = fields.map(({ field }) => `${kind.name} ${field}`).filter((each) => !verified.has(each));
  if (kind.fields === undefined || unverified.length === 0) return;
  for (const each of unverified) verified.add(each);
  const live = await kind.read(uncachedReader(vault), item);
  const difference = kind.diff(item, live);
  if (difference === undefined) return;
  const lost = difference.op === "refuse" ? difference.reason : difference.fields.map(({ field }) => field).join(", ");
  throw new DeniedError(`write ${item.path}: ${await serverName(vault)} did not keep ${lost} of the ${kind.name}`, {
    todo:
      "The server does not know it, or stores a different value: remove the field from the configuration of this server, or declare the " +
      "value that it stores. The other fields were written.",
  });
}
