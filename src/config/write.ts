import { AppError, DeniedError } from "../errors.ts";
import type { Change, Item, Live } from "../resources/kind.ts";
import { idsOf, itemNamedBy, referencesIn, withIds } from "../resources/reference.ts";
import type { Answer, Vault } from "../vault/client.ts";
import { explainLack, serverName } from "./lack.ts";

/**
 * Writes one change.
 *
 * A write whose answer was lost, or was an error of the server after it had done its work, is sent again by the client and may
 * then be refused since the object exists. So a refusal counts only if the object is not as it should be.
 *
 * @throws DeniedError where it names an object that Vault does not have, or the server does not know the kind or one of its
 *   fields; VaultError
 */
export async function writeChange(vault: Vault, planned: Change): Promise<void> {
  const change = await withLateIds(vault, planned);
  const { kind } = change.item;
  const listening = hearWarnings(vault);
  try {
    await kind.write(listening.vault, change);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (await isDone(vault, change.item).catch(() => false)) return;
    throw await explainLack(vault, change.item, error);
  }
  const ignored = ignoredFields(listening.warnings).filter((field) => Object.hasOwn(change.item.desired, field));
  if (ignored.length > 0) throw await unknownFields(vault, change.item, ignored);
}

async function isDone(vault: Vault, item: Item): Promise<boolean> {
  const held = await item.kind.read(unbuffered(vault), item);
  return held !== undefined && item.kind.diff(item, held) === undefined;
}

/** What did not exist at the time of the plan does so now: it came first. */
async function withLateIds(vault: Vault, change: Change): Promise<Change> {
  const references = referencesIn(change.item.desired);
  if (references.length === 0) return change;
  const ids = await idsOf(unbuffered(vault), references);
  const missing = references.find((each) => !ids.has(each));
  if (missing === undefined) return { ...change, item: withIds(change.item, ids) };
  throw new DeniedError(`write ${change.item.path}: it names ${missing}, and Vault has no ${itemNamedBy(missing)}`, {
    todo: "Declare what it names, or correct the name.",
  });
}

function unbuffered(vault: Vault): Live {
  return { vault, once: (path) => vault.read(path) };
}

/** The same Vault, with what it warns of after writes. */
function hearWarnings(vault: Vault): { vault: Vault; warnings: string[] } {
  const warnings: string[] = [];
  const hear = (answer: Answer | undefined) => {
    const told = answer?.["warnings"];
    if (Array.isArray(told)) warnings.push(...told.map(String));
    return answer;
  };
  return { warnings, vault: { ...vault, write: async (...request) => hear(await vault.write(...request)) } };
}

/** Vault takes a write with fields that it does not know, and says so in a warning only. */
function ignoredFields(warnings: readonly string[]): string[] {
  return warnings.flatMap((warning) => {
    const names = /ignored these unrecognized parameters: \[([^\]]*)\]/.exec(warning)?.[1];
    return names?.split(/[\s,]+/).map((name) => name.replace(/^"|"$/g, "")) ?? [];
  });
}

async function unknownFields(vault: Vault, item: Item, fields: readonly string[]): Promise<DeniedError> {
  const names = fields.join(", ");
  return new DeniedError(`write ${item.path}: ${await serverName(vault)} knows no ${names} of a ${item.kind.name}`, {
    todo: "Leave it out of the configuration of this server, or use one that has it. The other fields were written.",
  });
}
