import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import type { Fields } from "../model/compare.ts";
import { diffFields, fieldsOf, writable } from "../model/endpoint.ts";
import { itemOf } from "../model/item.ts";
import type { Change, Kind } from "../model/kind.ts";
import { mfaMethodOf } from "../model/reference.ts";
import { group, named, type Section, variants } from "../model/section.ts";
import { authMounts, bool, duration, int, list, type ObjectSpec, object, string } from "../model/spec.ts";
import type { Values } from "../model/values.ts";

const type = string("MFA type", { required: true, createOnly: true });
const username_format = string("template that maps the entity to a username of the service");

const types = {
  totp: object("TOTP codes of an authenticator app", {
    type,
    issuer: string("name of the key's issuer", { required: true }),
    period: duration("how long a code is valid"),
    algorithm: string("hash algorithm", { values: ["SHA1", "SHA256", "SHA512"] }),
    digits: int("digits of a code", { min: 6, max: 8 }),
    key_size: int("size of the key in bytes", { min: 1 }),
    qr_size: int("size of the QR code in pixels; 0 returns none", { min: 0 }),
    skew: int("number of periods a code may be early or late", { min: 0, max: 1 }),
    max_validation_attempts: int("failed attempts before validation is blocked for a while", { min: 1 }),
    enable_self_enrollment: bool("users may generate their own key (Enterprise)"),
  }),
  duo: object("Duo", {
    type,
    username_format,
    api_hostname: string("hostname of the Duo API", { required: true }),
    integration_key: string("Duo integration key", { required: true, writeOnly: true }),
    secret_key: string("Duo secret key", { required: true, writeOnly: true }),
    push_info: string("details shown in a push notification, as a query string"),
    use_passcode: bool("prompt for a passcode"),
  }),
  okta: object("Okta", {
    type,
    username_format,
    org_name: string("Okta organization", { required: true }),
    api_token: string("Okta API token", { required: true, writeOnly: true }),
    base_url: string("base domain of the Okta API"),
    production: bool("use okta.com (true) or oktapreview.com (false) instead of base_url"),
    primary_email: bool("match the primary email address only", { writeOnly: true }),
  }),
  pingid: object("PingID", {
    type,
    username_format: { ...username_format, writeOnly: true },
    settings_file_base64: string("PingID settings file, base64-encoded", { required: true, writeOnly: true }),
  }),
};

/**
 * Vault addresses a method by its ID. Names are unique across all types. A write of a different type under a taken name
 * would replace the method, so it is refused.
 */
function methodKind(name: string, spec: ObjectSpec): Kind {
  const fields = fieldsOf(spec);
  return {
    name,
    fields,
    async read(reader, item) {
      const found = await mfaMethodOf(reader, item.path.slice(base.length + 1));
      // Vault returns push_info under a different name
      return found && { ...withProduction(found, item.desired), push_info: found["pushinfo"] };
    },
    diff: (item, live) => diffFields(name, fields, item, live),
    write: (vault, change) => writeMethod(vault, fields, change),
    requiredPaths: ({ desired }) => [{ path: `${base}/${String(desired["type"])}` }],
  };
}

/** Vault returns an Okta domain as `production` or as `base_url`. Derives `production` from `base_url` if it is declared. */
function withProduction(live: Values, { production }: Values): Values {
  const { base_url } = live;
  if (production === undefined || base_url === undefined) return live;
  return { ...live, production: base_url === (production ? "okta.com" : "oktapreview.com") ? production : !production };
}

const base = "identity/mfa/method";

async function writeMethod(vault: Vault, fields: Fields, { item, live }: Change): Promise<void> {
  // a write resets omitted fields, and Vault ignores production if base_url is set
  const { base_url, ...others } = writable(fields, live ?? {});
  const isKept = base_url !== undefined && item.desired["production"] === undefined;
  const { type: of, ...data }: Values = { ...others, ...(isKept ? { base_url } : {}), ...item.desired };
  const path = vaultPath(base, String(of), String(live?.["id"] ?? ""));
  await vault.write(path, { ...data, method_name: item.path.slice(base.length + 1) });
}

const kindByType = new Map(Object.entries(types).map(([each, spec]) => [each, methodKind(`${each} MFA method`, spec)]));

const methods: Section = {
  kinds: [...kindByType.values()],
  spec: variants("MFA method", "login MFA methods by name", types),
  compile: (value, context) =>
    Object.entries(value as Record<string, Values>).flatMap(([name, each]) => {
      const of = String(each["type"]);
      const kind = kindByType.get(of);
      const spec = Object.entries(types).find(([key]) => key === of)?.[1];
      if (kind === undefined || spec === undefined) return [];
      return [itemOf(kind, spec, `${base}/${name}`, each, context)];
    }),
};

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/mfa */
export const mfa = group("login MFA", {
  methods,
  login_enforcements: named("login enforcement", {
    kind: "MFA login enforcement",
    path: "identity/mfa/login-enforcement",
    writeReplacesAll: true,
    spec: object("which logins require which MFA methods", {
      mfa_methods: list("names of MFA methods; one of them is required", {
        refers: { to: "mfa_method", as: "mfa_method_ids" },
      }),
      auth_methods: authMounts("auth mounts, each as auth/PATH", {
        refers: { to: "accessor", as: "auth_method_accessors" },
      }),
      auth_method_types: list("types of auth methods"),
      groups: list("names of groups", { refers: { to: "group", as: "identity_group_ids" } }),
      entities: list("names of entities", { refers: { to: "entity", as: "identity_entity_ids" } }),
      mfa_method_ids: list("IDs of MFA methods"),
      auth_method_accessors: list("accessors of auth mounts"),
      identity_group_ids: list("IDs of groups"),
      identity_entity_ids: list("IDs of entities"),
    }),
  }),
});
