import { isDeepStrictEqual } from "node:util";
import { NotReadyError } from "../../../errors.ts";
import { secretsIn, wordsIn } from "../../../redact.ts";
import type { Vault } from "../../../vault/client.ts";
import { VaultError } from "../../../vault/error.ts";
import { vaultPath } from "../../../vault/path.ts";
import type { FieldChange } from "../../model/compare.ts";
import {
  type Change,
  type Difference,
  dataOf,
  type Item,
  type Kind,
  type LiveReader,
  valuesOf,
} from "../../model/kind.ts";
import { isInexact } from "../../model/numbers.ts";
import { hasValue, SecretReference } from "../../model/secret-reference.ts";
import type { Values } from "../../model/values.ts";
import { whileUpgrading } from "../../mount/kv-upgrade.ts";
import { mountsOf } from "../../mount/mount.ts";
import { type Generate, generate } from "./generate.ts";
import { kvPlaceOf } from "./place.ts";

/** `desired` of a KV item. `version` is the mount's declared version, if any. */
type Desired = { mount: string; path: string; version: string | undefined; desired: Values };
/** The latest version in Vault: its number, for check-and-set, and its data, which is undefined if it was deleted. */
type StoredValue = { version: string; number: number; data: Values | undefined };

/**
 * The values at one KV path. Declared keys are managed, other keys are kept. All values are secret.
 * With version 2, writes use check-and-set, so that they never overwrite an unseen change. Version 1 has no such check, so
 * it is read, written and read back while no other run may write.
 */
export const kvValueKind: Kind = {
  name: "KV value",
  async read(reader, item) {
    const wanted = item.desired as Desired;
    const version = await versionOf(reader, wanted);
    return await readStored(reader.vault, wanted, version);
  },
  async exists(reader, path) {
    const place = await kvPlaceOf(reader, path);
    if (place === undefined) return false;
    // a value of version 2 that is named like an object of the mount is shown with its API path
    const own = place.path.replace(/^data\/(?=(config$|metadata\/|data\/))/, "");
    const wanted: Desired = { mount: place.mount, path: own, version: undefined, desired: {} };
    return (await readStored(reader.vault, wanted, await versionOf(reader, wanted)))?.data !== undefined;
  },
  diff(item, live) {
    const stored = live as StoredValue | undefined;
    const fields = changesOf((item.desired as Desired).desired, stored?.data ?? {});
    if (fields.length === 0 && stored?.data !== undefined) return undefined;
    const kept = Object.entries(stored?.data ?? {}).filter(([key]) => !fields.some(({ field }) => field === key));
    const [inexact] = kept.find(([, value]) => isInexact(value)) ?? [];
    if (inexact !== undefined) return refuse(item, inexact);
    return { op: stored?.data === undefined ? "create" : "update", fields };
  },
  async write(vault, change) {
    const version = versionToWrite(change);
    await (version === "2" ? writeChecked(vault, change) : writeAndReadBack(vault, change));
  },
  requiredPaths(item) {
    const wanted = item.desired as Desired;
    return [{ path: apiPath(wanted, wanted.version ?? "1") }];
  },
  exclusive: (change) => versionToWrite(change) !== "2",
};

function refuse({ path }: Item, key: string): Difference {
  return {
    op: "refuse",
    reason: `KV value ${path}: its key ${key} holds an integer above 2^53, which a write of the other keys would change`,
    todo: `Store that integer as a string in Vault, or move ${key} to a different path.`,
  };
}

/** The keys that differ, and whether each will be set or generated; never their values. */
function changesOf(desired: Values, data: Values): FieldChange[] {
  return Object.entries(desired).flatMap(([field, value]): FieldChange[] => {
    const present = Object.hasOwn(data, field);
    if (asGenerate(value) !== undefined) return present ? [] : [{ field, secret: true, note: "generated" }];
    if (present && isSame(value, data[field])) return [];
    return [{ field, secret: true, note: present ? "differs" : "set" }];
  });
}

/** Whether a value that was not read may be the one in Vault: Secrets hold strings, and none is empty. */
function isSame(value: unknown, live: unknown): boolean {
  if (value instanceof SecretReference) return typeof live === "string" && hasValue(live);
  return isDeepStrictEqual(live, value);
}

function asGenerate(value: unknown): Generate | undefined {
  if (typeof value !== "object" || value === null || Object.keys(value).join() !== "generate") return undefined;
  return (value as { generate: Generate }).generate;
}

/** The live data, overlaid with the declared keys. Generates missing values. */
function merge(desired: Values, data: Values): Values {
  const managed = Object.entries(desired).flatMap(([key, value]) => {
    const rule = asGenerate(value);
    if (rule === undefined) return [[key, value]];
    return Object.hasOwn(data, key) ? [] : [[key, generate(rule)]];
  });
  return { ...data, ...Object.fromEntries(managed) };
}

/** The live mount's version, or the declared one if there is no mount yet. A mount without options has version 1. */
async function versionOf(reader: LiveReader, wanted: Desired): Promise<string> {
  const mount = (await mountsOf(reader, "secrets"))[`${wanted.mount}/`] as { options?: Values | null } | undefined;
  const version = mount === undefined ? wanted.version : mount.options?.["version"];
  return String(version ?? "1");
}

/** If 2 is declared and the plan saw 1, the mount has been upgraded since. All other differences are refused. */
function versionToWrite({ item, live }: Change): string {
  const { version } = item.desired as Desired;
  return version === "2" ? version : ((live as StoredValue | undefined)?.version ?? version ?? "1");
}

function apiPath({ mount, path }: Desired, version: string): string {
  return version === "2" ? `${mount}/data/${path}` : `${mount}/${path}`;
}

async function readStored(vault: Vault, wanted: Desired, version: string): Promise<StoredValue | undefined> {
  const path = apiPath(wanted, version);
  const answer = await whileUpgrading(vault, wanted.mount, () => vault.read(vaultPath(path)));
  const data = dataOf(answer, path);
  if (data === undefined) return version === "2" ? { version, number: 0, data: undefined } : undefined;
  if (version !== "2") return { version, number: 0, data: redacted(wanted.desired, data) };
  const metadata = valuesOf(data["metadata"], path);
  const values = data["data"];
  return {
    version,
    number: Number(metadata["version"]),
    data: values === null || values === undefined ? undefined : redacted(wanted.desired, valuesOf(values, path)),
  };
}

/** Registers the data for redaction: generated values everywhere, others like declared values. @returns the same data */
function redacted(desired: Values, data: Values): Values {
  for (const [key, value] of Object.entries(data)) {
    if (asGenerate(desired[key]) === undefined) wordsIn(value);
    else secretsIn(value);
  }
  return data;
}

/** Attempts of a check-and-set write, if others change the value between read and write. */
const maxAttempts = 5;

async function writeChecked(vault: Vault, { item, live }: Change): Promise<void> {
  const wanted = item.desired as Desired;
  const none: StoredValue = { version: "2", number: 0, data: undefined };
  let stored = (live as StoredValue | undefined) ?? none;
  // the upgrade of the mount turned the value into a version
  if (stored.version !== "2") stored = (await readStored(vault, wanted, "2")) ?? none;
  for (let attempt = 1; ; attempt++) {
    const data = merge(wanted.desired, stored.data ?? {});
    const cas = stored.number;
    try {
      const write = () => vault.write(vaultPath(apiPath(wanted, "2")), { data, options: { cas } });
      await whileUpgrading(vault, wanted.mount, write);
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === maxAttempts) throw error;
    }
    stored = (await readStored(vault, wanted, "2")) ?? stored;
    if (changesOf(wanted.desired, stored.data ?? {}).length === 0) return;
  }
}

async function writeAndReadBack(vault: Vault, { item }: Change): Promise<void> {
  const wanted = item.desired as Desired;
  const stored = await readStored(vault, wanted, "1");
  const data = merge(wanted.desired, stored?.data ?? {});
  await vault.write(vaultPath(apiPath(wanted, "1")), data);
  const written = await readStored(vault, wanted, "1");
  if (isDeepStrictEqual(written?.data, data)) return;
  throw new NotReadyError(`write KV value ${item.path}: Vault returns other data than was written`, {
    todo: "Another client writes it at the same time; run configure again.",
  });
}

function isConflict(error: unknown): boolean {
  return error instanceof VaultError && error.status === 400 && error.errors.join().includes("check-and-set");
}
