import type { Fields } from "../model/compare.ts";
import { bool, duration, int, list, map, object, type Spec, string } from "../model/spec.ts";

export type MountClass = "auth" | "secrets";

/** Fields of every mount. */
export const common = {
  type: string("type of method or engine", { required: true, createOnly: true }),
  description: string("description for people"),
  local: bool("not replicated (Enterprise)", { createOnly: true }),
  seal_wrap: bool("wrap its storage with the seal (Enterprise)", { createOnly: true }),
  external_entropy_access: bool("use an external source of entropy (Enterprise)", { createOnly: true }),
  options: map("options of the mount, such as version of kv", { partial: true, createOnly: true }),
};

const tune = {
  default_lease_ttl: duration("default lease TTL; 0 uses the system's"),
  max_lease_ttl: duration("longest lease TTL; 0 uses the system's"),
  listing_visibility: string("whether the UI lists it before login", { values: ["", "hidden", "unauth"] }),
  audit_non_hmac_request_keys: list("request fields that audit devices log in plain text"),
  audit_non_hmac_response_keys: list("response fields that audit devices log in plain text"),
  passthrough_request_headers: list("request headers passed to the plugin"),
  allowed_response_headers: list("response headers that the plugin may set"),
  plugin_version: string("version of the plugin"),
  identity_token_key: string("identity/oidc key that signs the plugin's identity tokens (Vault)"),
  trim_request_trailing_slashes: bool("ignore a slash at the end of a request's path (Vault)"),
  force_no_cache: bool("do not cache its storage", { createOnly: true }),
};

const lockout: Fields = {
  lockout_threshold: int("failed logins before a lockout; 0 is the default", { min: 0 }),
  lockout_duration: duration("how long a lockout lasts; 0 is the default"),
  lockout_counter_reset_duration: duration("how long failed logins are counted; 0 is the default"),
  lockout_disable: bool("turn lockouts off"),
};

/** Tuning by class of mount; nested fields have names with a dot. */
export const tuneOf: Record<MountClass, Fields> = {
  auth: {
    ...tune,
    ...Object.fromEntries(Object.entries(lockout).map(([name, field]) => [`user_lockout_config.${name}`, field])),
    token_type: string("type of its tokens", { values: ["default-service", "default-batch", "service", "batch"] }),
  },
  secrets: {
    ...tune,
    allowed_managed_keys: list("managed keys that it may use (Enterprise)"),
    delegated_auth_accessors: list("accessors of auth methods that it may delegate logins to"),
  },
};

/** @returns fields of a mount that are no options, although some tools call them so; each with its place */
export function notOptions(mountClass: MountClass): Readonly<Record<string, string>> {
  const tuning = Object.keys(tuneOf[mountClass]).map((name) => [name.replace(/^.*\./, ""), `tune.${name}`]);
  const own = Object.keys(common).map((name) => [name, name]);
  return Object.fromEntries([...tuning, ...own]);
}

/** @returns the fields that every mount of a class has in the configuration */
export function mountFields(mountClass: MountClass): Readonly<Record<string, Spec>> {
  const plain = Object.entries(tuneOf[mountClass]).filter(([name]) => !name.includes("."));
  const nested =
    mountClass === "auth"
      ? { user_lockout_config: object("lockout after failed logins, for userpass, ldap and approle", lockout) }
      : {};
  const options = map("options of the mount, such as version of kv", {
    ...{ partial: true, createOnly: true, elsewhere: notOptions(mountClass) },
  });
  return { ...common, options, tune: object("tuning of the mount", { ...Object.fromEntries(plain), ...nested }) };
}
