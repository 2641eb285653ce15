import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import type { Fields, Values } from "../model/compare.ts";
import { diffFields, fieldsOf, writable } from "../model/endpoint.ts";
import type { Change, Kind } from "../model/kind.ts";
import { mfaMethodOf } from "../model/reference.ts";
import { group, itemOf, named, type Section, variants } from "../model/section.ts";
import { bool, duration, int, list, type ObjectSpec, object, string } from "../model/spec.ts";

const type = string("the type of method", { required: true, createOnly: true });
const username_format = string("the name that it knows a person by, as a template of the entity");

const types = {
  totp: object("codes of an app", {
    type,
    issuer: string("the name that the app shows", { required: true }),
    period: duration("how long a code counts"),
    algorithm: string("how codes are made", { values: ["SHA1", "SHA256", "SHA512"] }),
    digits: int("digits of a code", { min: 6, max: 8 }),
    key_size: int("bytes of the key", { min: 1 }),
    qr_size: int("pixels of the QR code; 0 is none", { min: 0 }),
    skew: int("how many periods a code may be early or late", { min: 0, max: 1 }),
    max_validation_attempts: int("wrong codes before it is locked for a while", { min: 1 }),
    enable_self_enrollment: bool("people may make their own key (Enterprise)"),
  }),
  duo: object("Duo", {
    type,
    username_format,
    api_hostname: string("host of Duo's API", { required: true }),
    integration_key: string("Duo's integration key", { required: true, writeOnly: true }),
    secret_key: string("the secret for it", { required: true, writeOnly: true }),
    push_info: string("what a push tells, as a query string", { writeOnly: true }),
    use_passcode: bool("ask for a passcode"),
  }),
  okta: object("Okta", {
    type,
    username_format,
    org_name: string("the organisation", { required: true }),
    api_token: string("Okta's API token", { required: true, writeOnly: true }),
    base_url: string("the domain of the API"),
    production: bool("the domain is okta.com, else oktapreview.com; instead of base_url"),
    primary_email: bool("match by the primary address only", { writeOnly: true }),
  }),
  pingid: object("PingID", {
    type,
    username_format: { ...username_format, writeOnly: true },
    settings_file_base64: string("PingID's settings file in base64", { required: true, writeOnly: true }),
  }),
};

/**
 * Vault knows a method by its id, and its name counts across all types: writing another type under a name that is taken would
 * replace the method.
 */
function methodKind(name: string, spec: ObjectSpec): Kind {
  const fields = fieldsOf(spec);
  return {
    name,
    fields,
    async read(live, item) {
      const held = await mfaMethodOf(live, item.path.slice(base.length + 1));
      return held === undefined ? undefined : withProduction(held, item.desired);
    },
    diff: (item, live) => diffFields(name, fields, item, live),
    write: (vault, change) => writeMethod(vault, fields, change),
    requiredPaths: ({ desired }) => [{ path: `${base}/${String(desired["type"])}` }],
  };
}

/** Vault tells an Okta domain in one of two ways; `production` is known where a base_url means the same. */
function withProduction(held: Values, { production }: Values): Values {
  const { base_url } = held;
  if (production === undefined || base_url === undefined) return held;
  return { ...held, production: base_url === (production ? "okta.com" : "oktapreview.com") ? production : !production };
}

const base = "identity/mfa/method";

async function writeMethod(vault: Vault, fields: Fields, { item, live }: Change): Promise<void> {
  // a write resets what it does not mention, and beside base_url Vault does not heed production
  const { base_url, ...others } = writable(fields, live ?? {});
  const isKept = base_url !== undefined && item.desired["production"] === undefined;
  const { type: of, ...data }: Values = { ...others, ...(isKept ? { base_url } : {}), ...item.desired };
  const path = vaultPath(base, String(of), String(live?.["id"] ?? ""));
  await vault.write(path, { ...data, method_name: item.path.slice(base.length + 1) });
}

const kindByType = new Map(Object.entries(types).map(([each, spec]) => [each, methodKind(`${each} MFA method`, spec)]));

const methods: Section = {
  kinds: [...kindByType.values()],
  spec: variants("MFA method", "second factors of logins, by name", types),
  compile: (value, place) =>
    Object.entries(value as Record<string, Values>).flatMap(([name, each]) => {
      const of = String(each["type"]);
      const kind = kindByType.get(of);
      const spec = Object.entries(types).find(([key]) => key === of)?.[1];
      if (kind === undefined || spec === undefined) return [];
      return [itemOf(kind, spec, `${base}/${name}`, each, place)];
    }),
};

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/mfa */
export const mfa = group("second factors of logins", {
  methods,
  login_enforcements: named("login enforcement", {
    kind: "MFA login enforcement",
    path: "identity/mfa/login-enforcement",
    replaces: true,
    spec: object("which logins need which method", {
      mfa_methods: list("names of methods, one of which is needed", {
        refers: { to: "mfa_method", as: "mfa_method_ids" },
      }),
      auth_methods: list("auth mounts, each as auth/PATH", {
        refers: { to: "accessor", as: "auth_method_accessors" },
      }),
      auth_method_types: list("types of auth methods"),
      groups: list("names of groups", { refers: { to: "group", as: "identity_group_ids" } }),
      entities: list("names of entities", { refers: { to: "entity", as: "identity_entity_ids" } }),
      mfa_method_ids: list("ids of methods"),
      auth_method_accessors: list("accessors of auth mounts"),
      identity_group_ids: list("ids of groups"),
      identity_entity_ids: list("ids of entities"),
    }),
  }),
});
