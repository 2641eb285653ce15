import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import { additions, differences, type FieldChange, type Fields, showBoth } from "../model/compare.ts";
import { type Change, type Difference, dataOf, type Item, type Kind, type Live, valuesOf } from "../model/kind.ts";
import { bool, duration, int, list, map, object, type Spec, string } from "../model/spec.ts";
import type { Values } from "../model/values.ts";
import { untilUpgraded } from "./kv-upgrade.ts";

export type MountClass = "auth" | "secrets";

/** Where Vault keeps mounts of each section. */
export const mountsPath = { auth: "sys/auth", secrets: "sys/mounts" } as const;

const common = {
  type: string("the type of method or engine", { required: true, createOnly: true }),
  description: string("for people"),
  local: bool("not replicated (Enterprise)", { createOnly: true }),
  seal_wrap: bool("wrap its storage by the seal (Enterprise)", { createOnly: true }),
  external_entropy_access: bool("take entropy from outside (Enterprise)", { createOnly: true }),
  options: map("options of the mount, such as version of kv", { partial: true, createOnly: true }),
};

const tune = {
  default_lease_ttl: duration("lease of what gives none; 0 is the system's"),
  max_lease_ttl: duration("longest lease; 0 is the system's"),
  listing_visibility: string("whether the UI lists it unasked", { values: ["", "hidden", "unauth"] }),
  audit_non_hmac_request_keys: list("request fields that audit devices show in the clear"),
  audit_non_hmac_response_keys: list("response fields that audit devices show in the clear"),
  passthrough_request_headers: list("request headers handed to the plugin"),
  allowed_response_headers: list("response headers that the plugin may set"),
  plugin_version: string("version of the plugin"),
  identity_token_key: string("name of the key of identity/oidc that signs the plugin's identity tokens (Vault)"),
  trim_request_trailing_slashes: bool("a slash at the end of a request's path does not count (Vault)"),
  force_no_cache: bool("what it stores is not cached", { createOnly: true }),
};

const lockout: Fields = {
  lockout_threshold: int("wrong passwords before it; 0 is the default", { min: 0 }),
  lockout_duration: duration("how long; 0 is the default"),
  lockout_counter_reset_duration: duration("how long wrong passwords are counted; 0 is the default"),
  lockout_disable: bool("do not lock out"),
};

const tuneOf: Record<MountClass, Fields> = {
  auth: {
    ...tune,
    ...Object.fromEntries(Object.entries(lockout).map(([name, field]) => [`user_lockout_config.${name}`, field])),
    token_type: string("type of its tokens", { values: ["default-service", "default-batch", "service", "batch"] }),
  },
  secrets: {
    ...tune,
    allowed_managed_keys: list("managed keys that it may use (Enterprise)"),
    delegated_auth_accessors: list("auth methods that it may ask"),
  },
};

/** What each mount of a section has in the configuration, besides what its engine adds. */
export function mountFields(section: MountClass): Readonly<Record<string, Spec>> {
  const plain = Object.entries(tuneOf[section]).filter(([name]) => !name.includes("."));
  const nested =
    section === "auth"
      ? { user_lockout_config: object("when somebody is locked out, for userpass, ldap and approle", lockout) }
      : {};
  return { ...common, tune: object("how the mount is tuned", { ...Object.fromEntries(plain), ...nested }) };
}

/**
 * An auth method or secrets engine: where it is mounted, of which type, and how it is tuned.
 * The list of mounts tells each one's own values; asking a mount's tune tells the system's where it has none.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/system/mounts
 * @see https://developer.hashicorp.com/vault/api-docs/system/auth
 */
function mountKind(section: MountClass, name: string): Kind {
  return {
    name,
    fields: mountFields(section),
    async read(live, item) {
      const found = (await mountsOf(live, section))[`${mountName(item.path)}/`];
      return found === undefined ? undefined : withVersion(valuesOf(found, item.path));
    },
    diff: (item, live) => diffMount(section, name, item, live),
    async write(vault, change) {
      await writeMount(vault, change);
      // here it takes one of the run's requests; what lives in the mount would take all of them
      if (getsVersions(change)) await untilUpgraded(vault, mountName(change.item.path));
    },
    requiredPaths: ({ path }) => [
      { path, sudo: true },
      { path: `${path}/tune`, sudo: section === "auth" },
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

/** All mounts of a section, by path with a slash at its end. One request for each view, however many ask. */
export async function mountsOf(live: Live, section: MountClass): Promise<Values> {
  const path = mountsPath[section];
  return dataOf(await live.once(path), path) ?? {};
}

/** A KV mount that was made without a version has the first, and does not tell it. */
function withVersion(live: Values): Values {
  return live["type"] === "kv" ? { ...live, options: { version: "1", ...(live["options"] ?? {}) } } : live;
}

/** The path of the mount that an object lives in, without `sys/auth/` or `sys/mounts/`; empty where it lives in none. */
export function mountAround({ within = "" }: Item): string {
  return mountName(within);
}

function mountName(path: string): string {
  return path.replace(/^sys\/(auth|mounts)\//, "");
}

function diffMount(section: MountClass, name: string, item: Item, live: Values | undefined): Difference | undefined {
  const { tune: tuned = {}, ...own } = item.desired;
  if (live === undefined) {
    const fields = [...additions(common, own), ...prefixed(additions(tuneOf[section], flat(tuned as Values)))];
    return { op: "create", fields };
  }
  const changed = differences(common, own, live).map((each) =>
    isUpgrade(each, live) ? { ...each, note: "cannot be undone" } : each,
  );
  const config = valuesOf(live["config"] ?? {}, item.path);
  const fields = [...changed, ...prefixed(differences(tuneOf[section], flat(tuned as Values), flat(config)))];
  const refused = refuseMount(section, name, item, fields);
  if (refused !== undefined) return refused;
  return fields.length === 0 ? undefined : { op: "update", fields };
}

/** Of what a mount is made with Vault changes one thing, and only in this direction: KV's values get versions. */
function isUpgrade({ field, before, after }: FieldChange, live: Values): boolean {
  return field === "options" && live["type"] === "kv" && isVersion(before, "1") && isVersion(after, "2");
}

function isVersion(options: unknown, version: string): boolean {
  return (options as Values | undefined)?.["version"] === version;
}

function getsVersions({ op, item, fields }: Change): boolean {
  const { type, options } = item.desired;
  const isWritten = op === "create" || fields.some(({ field }) => field === "options");
  return isWritten && type === "kv" && isVersion(options, "2");
}

function refuseMount(
  section: MountClass,
  name: string,
  item: Item,
  changed: readonly FieldChange[],
): Difference | undefined {
  const specs: Fields = { ...common, ...tuneOf[section] };
  const fixed = changed.find(
    ({ field, note }) => note === undefined && specs[field.replace(/^tune\./, "")]?.createOnly,
  );
  if (fixed === undefined) return undefined;
  return {
    op: "refuse",
    reason: `${name} ${item.path}: ${showBoth(fixed)}; changing it would destroy the data in it`,
    todo: `Give it another path; or put the living ${fixed.field} into the configuration; or, if its data may be lost, disable the mount by hand.`,
  };
}

/** With what is nested by names with a dot; Vault tells user_lockout_threshold where it takes lockout_threshold. */
function flat({ user_lockout_config: nested, ...plain }: Values): Values {
  const inner = Object.entries((nested ?? {}) as Values);
  const named = inner.map(([name, value]) => [`user_lockout_config.${name.replace(/^user_/, "")}`, value]);
  return { ...plain, ...Object.fromEntries(named) };
}

function prefixed(changes: readonly FieldChange[]): FieldChange[] {
  return changes.map((change) => ({ ...change, field: `tune.${change.field}` }));
}

async function writeMount(vault: Vault, { op, item, fields }: Change): Promise<void> {
  const { tune: tuned = {}, ...own } = item.desired;
  const path = vaultPath(item.path);
  if (op === "create") {
    // a new mount takes these in another form, which is not documented
    const { user_lockout_config, ...config } = tuned as Values;
    await vault.write(path, { ...own, config });
    if (user_lockout_config !== undefined) await vault.write(`${path}/tune`, { user_lockout_config });
    return;
  }
  const { description, options } = item.desired;
  const isChanged = (name: string) => fields.some(({ field }) => field === name);
  await vault.write(`${path}/tune`, {
    ...(tuned as Values),
    ...(isChanged("description") ? { description } : {}),
    ...(isChanged("options") ? { options } : {}),
  });
}
