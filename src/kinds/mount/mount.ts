import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import { additions, differences, type FieldChange, type Fields, showBoth } from "../model/compare.ts";
import {
  type Change,
  type Difference,
  dataOf,
  type Item,
  type Kind,
  type LiveReader,
  valuesOf,
} from "../model/kind.ts";
import type { Values } from "../model/values.ts";
import { untilUpgraded } from "./kv-upgrade.ts";
import { common, type MountClass, mountFields, tuneOf } from "./mount-fields.ts";

/** The paths of Vault's mount lists. */
export const mountsPath = { auth: "sys/auth", secrets: "sys/mounts" } as const;

/**
 * An auth method or secrets engine: its path, type and tuning.
 * Reads Vault's list of mounts, which has the values of the mount itself; a mount's tune path returns the system's defaults instead.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/system/mounts
 * @see https://developer.hashicorp.com/vault/api-docs/system/auth
 */
function mountKind(mountClass: MountClass, name: string): Kind {
  return {
    name,
    fields: mountFields(mountClass),
    async read(reader, item) {
      const found = (await mountsOf(reader, mountClass))[`${mountName(item.path)}/`];
      return found === undefined ? undefined : withVersion(valuesOf(found, item.path));
    },
    diff: (item, live) => diffMount(mountClass, name, item, live),
    async write(vault, change) {
      await writeMount(vault, change);
      // waiting here holds one of the run's requests; objects in the mount would hold all of them
      if (becomesVersioned(change)) await untilUpgraded(vault, mountName(change.item.path));
    },
    requiredPaths: ({ path }) => [
      { path, sudo: true },
      { path: `${path}/tune`, sudo: mountClass === "auth" },
    ],
  };
}

export const mountKinds: Record<MountClass, Kind> = {
  auth: mountKind("auth", "auth mount"),
  secrets: mountKind("secrets", "secrets mount"),
};

export function isMount(kind: Kind): boolean {
  return Object.values(mountKinds).some(({ name }) => name === kind.name);
}

/** @returns all mounts of a class, by path with a slash at its end; one request for each reader */
export async function mountsOf(reader: LiveReader, mountClass: MountClass): Promise<Values> {
  const path = mountsPath[mountClass];
  return dataOf(await reader.once(path), path) ?? {};
}

/** A KV mount created without a version has version 1, and Vault does not return it. */
function withVersion(live: Values): Values {
  return live["type"] === "kv" ? { ...live, options: { version: "1", ...(live["options"] ?? {}) } } : live;
}

/** @returns the path of the mount that contains an object, without `sys/auth/` or `sys/mounts/`; empty if there is none */
export function mountAround({ within = "" }: Item): string {
  return mountName(within);
}

function mountName(path: string): string {
  return path.replace(/^sys\/(auth|mounts)\//, "");
}

function diffMount(mountClass: MountClass, name: string, item: Item, live: Values | undefined): Difference | undefined {
  const { tune: tuneValues = {}, ...own } = item.desired;
  if (live === undefined) {
    const fields = [...additions(common, own), ...prefixed(additions(tuneOf[mountClass], flat(tuneValues as Values)))];
    return { op: "create", fields };
  }
  const changed = differences(common, own, live).map((each) =>
    isUpgrade(each, live) ? { ...each, note: "cannot be undone" } : each,
  );
  const config = valuesOf(live["config"] ?? {}, item.path);
  const fields = [...changed, ...prefixed(differences(tuneOf[mountClass], flat(tuneValues as Values), flat(config)))];
  const refused = refuseMount(mountClass, name, item, fields);
  if (refused !== undefined) return refused;
  return fields.length === 0 ? undefined : { op: "update", fields };
}

/** Vault can change one create-only property of a mount: the version of KV, from 1 to 2. */
function isUpgrade({ field, before, after }: FieldChange, live: Values): boolean {
  return field === "options" && live["type"] === "kv" && isVersion(before, "1") && isVersion(after, "2");
}

function isVersion(options: unknown, version: string): boolean {
  return (options as Values | undefined)?.["version"] === version;
}

function becomesVersioned({ op, item, fields }: Change): boolean {
  const { type, options } = item.desired;
  const isWritten = op === "create" || fields.some(({ field }) => field === "options");
  return isWritten && type === "kv" && isVersion(options, "2");
}

function refuseMount(
  mountClass: MountClass,
  name: string,
  item: Item,
  changed: readonly FieldChange[],
): Difference | undefined {
  const specs: Fields = { ...common, ...tuneOf[mountClass] };
  const fixed = changed.find(
    ({ field, note }) => note === undefined && specs[field.replace(/^tune\./, "")]?.createOnly,
  );
  if (fixed === undefined) return undefined;
  return {
    op: "refuse",
    reason: `${name} ${item.path}: ${showBoth(fixed)}; changing it would destroy the data in it`,
    todo: `Give the mount a different path; or put Vault's ${fixed.field} into the configuration; or, if its data may be lost, disable the mount by hand.`,
  };
}

/** Flattens nested fields to names with a dot. Vault returns user_lockout_threshold where it takes lockout_threshold. */
function flat({ user_lockout_config: nested, ...plain }: Values): Values {
  const inner = Object.entries((nested ?? {}) as Values);
  const named = inner.map(([name, value]) => [`user_lockout_config.${name.replace(/^user_/, "")}`, value]);
  return { ...plain, ...Object.fromEntries(named) };
}

function prefixed(changes: readonly FieldChange[]): FieldChange[] {
  return changes.map((change) => ({ ...change, field: `tune.${change.field}` }));
}

async function writeMount(vault: Vault, { op, item, fields }: Change): Promise<void> {
  const { tune: tuneValues = {}, ...own } = item.desired;
  const path = vaultPath(item.path);
  if (op === "create") {
    // Vault takes these in an undocumented form for a new mount, so they are tuneValues afterwards
    const { user_lockout_config, ...config } = tuneValues as Values;
    await vault.write(path, { ...own, config });
    if (user_lockout_config !== undefined) await vault.write(`${path}/tune`, { user_lockout_config });
    return;
  }
  const { description, options } = item.desired;
  const isChanged = (name: string) => fields.some(({ field }) => field === name);
  await vault.write(`${path}/tune`, {
    ...(tuneValues as Values),
    ...(isChanged("description") ? { description } : {}),
    ...(isChanged("options") ? { options } : {}),
  });
}
