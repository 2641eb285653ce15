import { isDeepStrictEqual } from "node:util";
import { NotReadyError } from "../../../errors.ts";
import { secretsIn, wordsIn } from "../../../redact.ts";
import type { Vault } from "../../../vault/client.ts";
import { VaultError } from "../../../vault/error.ts";
import { vaultPath } from "../../../vault/path.ts";
import type { FieldChange, Values } from "../../model/compare.ts";
import { type Change, type Difference, dataOf, type Item, type Kind, type Live, valuesOf } from "../../model/kind.ts";
import { isInexact } from "../../model/numbers.ts";
import { whileUpgrading } from "../../mount/kv-upgrade.ts";
import { mountsOf } from "../../mount/mount.ts";
import { type Generate, generate } from "./generate.ts";

/** What a KV item holds in `desired`. `version` is the mount's, where the configuration gives it. */
type Wanted = { mount: string; path: string; version: string | undefined; desired: Values };
/** What Vault holds: the newest version's number (for check-and-set) and its data; none where it was deleted. */
type Held = { version: string; number: number; data: Values | undefined };

/**
 * One KV entry. Only the keys that are declared are ours: others are kept. Every value counts as secret.
 * With version 2 a write carries the version it was merged from, so it never overwrites what it has not seen; version 1
 * has no such check, so it is read, written and read back while no other run may.
 */
export const kvValueKind: Kind = {
  name: "KV value",
  async read(live, item) {
    const wanted = item.desired as Wanted;
    const version = await versionOf(live, wanted);
    return await readHeld(live.vault, wanted, version);
  },
  diff(item, live) {
    const held = live as Held | undefined;
    const fields = changesOf((item.desired as Wanted).desired, held?.data ?? {});
    if (fields.length === 0 && held?.data !== undefined) return undefined;
    const kept = Object.entries(held?.data ?? {}).filter(([key]) => !fields.some(({ field }) => field === key));
    const [inexact] = kept.find(([, value]) => isInexact(value)) ?? [];
    if (inexact !== undefined) return refuse(item, inexact);
    return { op: held?.data === undefined ? "create" : "update", fields };
  },
  async write(vault, change) {
    const version = versionToWrite(change);
    await (version === "2" ? writeChecked(vault, change) : writeAndReadBack(vault, change));
  },
  requiredPaths(item) {
    const wanted = item.desired as Wanted;
    return [{ path: apiPath(wanted, wanted.version ?? "1") }];
  },
  exclusive: (change) => versionToWrite(change) !== "2",
};

function refuse({ path }: Item, key: string): Difference {
  return {
    op: "refuse",
    reason: `KV value ${path}: its key ${key} holds a number above 2^53, which writing the other keys would change`,
    todo: `Put that number in quotes in Vault, or move ${key} to a path of its own.`,
  };
}

/** Keys that differ, and whether each will be made or written. What the values are never shows. */
function changesOf(desired: Values, data: Values): FieldChange[] {
  return Object.entries(desired).flatMap(([field, value]): FieldChange[] => {
    const present = Object.hasOwn(data, field);
    if (asGenerate(value) !== undefined) return present ? [] : [{ field, secret: true, note: "generated" }];
    if (present && isDeepStrictEqual(data[field], value)) return [];
    return [{ field, secret: true, note: present ? "differs" : "set" }];
  });
}

function asGenerate(value: unknown): Generate | undefined {
  if (typeof value !== "object" || value === null || Object.keys(value).join() !== "generate") return undefined;
  return (value as { generate: Generate }).generate;
}

/** What Vault holds, with our keys on top; values that must be made are made here. */
function merge(desired: Values, data: Values): Values {
  const ours = Object.entries(desired).flatMap(([key, value]) => {
    const rule = asGenerate(value);
    if (rule === undefined) return [[key, value]];
    return Object.hasOwn(data, key) ? [] : [[key, generate(rule)]];
  });
  return { ...data, ...Object.fromEntries(ours) };
}

/** The living mount's version, and only where there is none yet the one declared: a mount made without options has the first. */
async function versionOf(live: Live, wanted: Wanted): Promise<string> {
  const mount = (await mountsOf(live, "secrets"))[`${wanted.mount}/`] as { options?: Values | null } | undefined;
  const version = mount === undefined ? wanted.version : mount.options?.["version"];
  return String(version ?? "1");
}

/** Where 2 is declared and the plan saw 1, the mount was upgraded before this: any other difference is refused. */
function versionToWrite({ item, live }: Change): string {
  const { version } = item.desired as Wanted;
  return version === "2" ? version : ((live as Held | undefined)?.version ?? version ?? "1");
}

function apiPath({ mount, path }: Wanted, version: string): string {
  return version === "2" ? `${mount}/data/${path}` : `${mount}/${path}`;
}

async function readHeld(vault: Vault, wanted: Wanted, version: string): Promise<Held | undefined> {
  const path = apiPath(wanted, version);
  const answer = await whileUpgrading(vault, wanted.mount, () => vault.read(vaultPath(path)));
  const data = dataOf(answer, path);
  if (data === undefined) return version === "2" ? { version, number: 0, data: undefined } : undefined;
  if (version !== "2") return { version, number: 0, data: hidden(wanted.desired, data) };
  const metadata = valuesOf(data["metadata"], path);
  const held = data["data"];
  return {
    version,
    number: Number(metadata["version"]),
    data: held === null || held === undefined ? undefined : hidden(wanted.desired, valuesOf(held, path)),
  };
}

/** What was made by chance is hidden everywhere, the rest as the configuration's own values are. */
function hidden(desired: Values, data: Values): Values {
  for (const [key, value] of Object.entries(data)) {
    if (asGenerate(desired[key]) === undefined) wordsIn(value);
    else secretsIn(value);
  }
  return data;
}

/** How often somebody else may get between a read and its write before we give up. */
const attempts = 5;

async function writeChecked(vault: Vault, { item, live }: Change): Promise<void> {
  const wanted = item.desired as Wanted;
  const none: Held = { version: "2", number: 0, data: undefined };
  let held = (live as Held | undefined) ?? none;
  // the upgrade of the mount has made a version of what was there
  if (held.version !== "2") held = (await readHeld(vault, wanted, "2")) ?? none;
  for (let tried = 1; ; tried++) {
    const data = merge(wanted.desired, held.data ?? {});
    const cas = held.number;
    try {
      const write = () => vault.write(vaultPath(apiPath(wanted, "2")), { data, options: { cas } });
      await whileUpgrading(vault, wanted.mount, write);
      return;
    } catch (error) {
      if (!isConflict(error) || tried === attempts) throw error;
    }
    held = (await readHeld(vault, wanted, "2")) ?? held;
    if (changesOf(wanted.desired, held.data ?? {}).length === 0) return;
  }
}

async function writeAndReadBack(vault: Vault, { item }: Change): Promise<void> {
  const wanted = item.desired as Wanted;
  const held = await readHeld(vault, wanted, "1");
  const data = merge(wanted.desired, held?.data ?? {});
  await vault.write(vaultPath(apiPath(wanted, "1")), data);
  const stored = await readHeld(vault, wanted, "1");
  if (isDeepStrictEqual(stored?.data, data)) return;
  throw new NotReadyError(`write KV value ${item.path}: Vault holds something else than was written`, {
    todo: "Somebody else writes it at the same time; run it again.",
  });
}

function isConflict(error: unknown): boolean {
  return error instanceof VaultError && error.status === 400 && error.errors.join().includes("check-and-set");
}
