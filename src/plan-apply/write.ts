import { AppError, DeniedError } from "../errors.ts";
import { type Change, type Item, unbuffered } from "../kinds/model/kind.ts";
import { idsOf, itemNamedBy, referencesIn, withIds } from "../kinds/model/reference.ts";
import { liveIn } from "../kinds/system/namespaces.ts";
import type { Vault } from "../vault/client.ts";
import { explainUnsupported, serverName } from "./unsupported.ts";

/**
 * Writes one change.
 *
 * A write whose answer was lost, or was an error of the server after it had done its work, is sent again by the client and may
 * then be refused since the object exists. So a refusal counts only if the object is not as it should be.
 *
 * @param seen what was read back in this run; shared by its writes
 * @throws DeniedError where it names an object that Vault does not have, or the server does not know the kind or did not
 *   keep a field; VaultError
 */
export async function writeChange(vault: Vault, planned: Change, seen: ReadBack): Promise<void> {
  const change = await withLateIds(vault, planned);
  const { kind } = change.item;
  try {
    await kind.write(vault, change);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (!hasUnseen(change) && (await isDone(vault, change.item).catch(() => false))) return;
    throw await explainUnsupported(vault, change.item, error);
  }
  await seeKept(vault, change, seen);
}

/** Whether it changes a field that Vault does not tell: then no look at the object shows that it was done. */
function hasUnseen({ op, fields }: Change): boolean {
  return op === "update" && fields.some(({ writeOnly }) => writeOnly);
}

async function isDone(vault: Vault, item: Item): Promise<boolean> {
  if (item.kind.unreadable) return false;
  const held = await item.kind.read(unbuffered(vault), item);
  return held !== undefined && item.kind.diff(item, held) === undefined;
}

/** What did not exist at the time of the plan does so now: it came first. */
async function withLateIds(vault: Vault, change: Change): Promise<Change> {
  const references = referencesIn(change.item.desired);
  if (references.length === 0) return change;
  const ids = await idsOf(liveIn(change.item.namespace, unbuffered(vault)), references);
  const missing = references.find((each) => !ids.has(each));
  if (missing === undefined) return { ...change, item: withIds(change.item, ids) };
  throw new DeniedError(`write ${change.item.path}: it names ${missing}, and Vault has no ${itemNamedBy(missing)}`, {
    todo: "Declare what it names, or correct the name.",
  });
}

/** Fields of kinds, by kind and field, that a write of this run was seen to keep. */
type ReadBack = Set<string>;

/**
 * Vault takes a write with fields that it does not know, mostly without a word. So the first write of each field of each
 * kind in a run is read back: a field that is lost is an error of the first run, and no difference in every later one.
 */
async function seeKept(vault: Vault, { item, fields }: Change, seen: ReadBack): Promise<void> {
  const { kind } = item;
  const unseen = fields.map(({ field }) => `${kind.name} ${field}`).filter((each) => !seen.has(each));
  if (kind.fields === undefined || unseen.length === 0) return;
  for (const each of unseen) seen.add(each);
  const held = await kind.read(unbuffered(vault), item);
  const difference = kind.diff(item, held);
  if (difference === undefined) return;
  const lost = difference.op === "refuse" ? difference.reason : difference.fields.map(({ field }) => field).join(", ");
  throw new DeniedError(`write ${item.path}: ${await serverName(vault)} did not keep ${lost} of the ${kind.name}`, {
    todo:
      "The server does not know it, or keeps another value: leave it out of its configuration, or give the value that " +
      "it keeps. The other fields were written.",
  });
}
