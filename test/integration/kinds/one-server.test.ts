import { describe, expect, it } from "vitest";
import type { Item } from "../../../src/kinds/model/kind.ts";
import { configure, failuresIn, itemsIn, linesOf, planOf, type ServerKind, useKindServer } from "./harness/fixture.ts";

/** Fields that only one of the servers supports, so that no example has them. */
type FieldCase = {
  readonly server: ServerKind;
  readonly path: string;
  /** The configuration, with FIELDS in place of the fields. */
  readonly around: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
};

/** An address without a server. */
const closed = "http://127.0.0.1:1";
const pkiConfig = (key: string) =>
  `secrets: { pki: { type: pki, root: { common_name: CA }, config: { ${key}: { FIELDS } } } }`;
const pkiRole = "secrets: { pki: { type: pki, roles: { r: { FIELDS } } } }";

const cases: readonly FieldCase[] = [
  {
    server: "vault",
    path: "pki/config/crl",
    around: pkiConfig("crl"),
    before: { max_crl_entries: 1000 },
    after: { max_crl_entries: -1 },
  },
  {
    server: "vault",
    path: "pki/config/auto-tidy",
    around: pkiConfig("auto_tidy"),
    before: { min_startup_backoff_duration: "1m", max_startup_backoff_duration: "10m", tidy_cert_metadata: false },
    after: { min_startup_backoff_duration: "2m", max_startup_backoff_duration: "20m" },
  },
  {
    server: "vault",
    path: "pki/config/acme",
    around: pkiConfig("acme"),
    before: { max_ttl: "72h" },
    after: { max_ttl: "48h" },
  },
  {
    server: "vault",
    path: "pki/roles/r",
    around: pkiRole,
    before: { serial_number_source: "json", allow_any_name: true },
    after: { serial_number_source: "json-csr", allow_any_name: false },
  },
  {
    server: "vault",
    path: "sys/mounts/kv",
    around: "secrets: { kv: { type: kv, FIELDS } }\nidentity: { oidc: { keys: { ours: {}, other: {} } } }",
    before: { tune: { trim_request_trailing_slashes: true, identity_token_key: "ours" } },
    after: { tune: { trim_request_trailing_slashes: false, identity_token_key: "other" } },
  },
  {
    server: "vault",
    path: "auth/ldap/config",
    around: "auth: { ldap: { type: ldap, config: { url: ldaps://ldap.example.org, FIELDS } } }",
    before: { rotation_url: "ldaps://main.example.org" },
    after: { rotation_url: "ldaps://ldap.example.org" },
  },
  {
    server: "bao",
    path: "auth/people/users/a",
    around: "auth: { people: { type: userpass, users: { a: { password: p, FIELDS } } } }",
    before: { token_strictly_bind_ip: true },
    after: { token_strictly_bind_ip: false },
  },
  {
    server: "bao",
    path: "auth/approle/role/a",
    around: "auth: { approle: { type: approle, roles: { a: { FIELDS } } } }",
    before: { token_strictly_bind_ip: true },
    after: { token_strictly_bind_ip: false },
  },
  {
    server: "bao",
    path: "auth/jwt/config",
    around: `auth: { jwt: { type: jwt, config: { jwks_url: "${closed}/keys", skip_jwks_validation: true, FIELDS } } }`,
    before: { override_allowed_server_names: ["provider"] },
    after: { override_allowed_server_names: ["provider", "other"] },
  },
  {
    server: "bao",
    path: "pki/roles/r",
    around: pkiRole,
    before: { not_before: "2026-01-01T00:00:00Z" },
    after: { not_before: "2027-01-01T00:00:00Z" },
  },
  {
    server: "bao",
    path: "ssh/config/ca",
    around: "secrets: { ssh: { type: ssh, ca: { generate_signing_key: true, FIELDS } } }",
    before: { issuer_name: "first" },
    after: { issuer_name: "renamed" },
  },
  {
    server: "bao",
    path: "ssh/roles/r",
    around: `secrets: { ssh: { type: ssh, ca: { generate_signing_key: true, issuer_name: first },
      roles: { r: { key_type: ca, allow_user_certificates: true, FIELDS } } } }`,
    before: { issuer_ref: "first" },
    after: { issuer_ref: "default" },
  },
  {
    server: "bao",
    path: "pki/config/crl",
    around: pkiConfig("crl"),
    before: { allow_expired_cert_revocation: true },
    after: { allow_expired_cert_revocation: false },
  },
  {
    server: "bao",
    path: "pki/config/auto-tidy",
    around: pkiConfig("auto_tidy"),
    before: { page_size: 100, revoked_safety_buffer: "72h", tidy_invalid_certs: true },
    after: { page_size: 200, revoked_safety_buffer: "96h", tidy_invalid_certs: false },
  },
  {
    server: "bao",
    path: "kv/config",
    around: 'secrets: { kv: { type: kv, options: { version: "2" }, config: { FIELDS } } }',
    before: { metadata_cas_required: true },
    after: { metadata_cas_required: false },
  },
];

function namesIn({ tune, ...fields }: FieldCase["after"]): string[] {
  return [...Object.keys(fields), ...Object.keys(tune ?? {}).map((name) => `tune.${name}`)];
}

describe.each<ServerKind>(["vault", "bao"])("fields that only %s supports", (kind) => {
  const server = useKindServer(kind);

  it.each(cases.filter((each) => each.server === kind))("are written, compared and changed: $path", async (each) => {
    const itemsWith = (fields: FieldCase["before"]): readonly Item[] =>
      itemsIn(each.around.replace("FIELDS", JSON.stringify(fields).slice(1, -1)));

    const first = await configure(server.vault, itemsWith(each.before));
    const same = await planOf(server.vault, itemsWith(each.before));
    const second = await configure(server.vault, itemsWith(each.after));
    const again = await planOf(server.vault, itemsWith(each.after));

    expect(failuresIn(first.applied)).toEqual([]);
    expect(linesOf(same)).toEqual([]);
    expect(linesOf(second.plan)).toEqual([`update ${each.path}: ${namesIn(each.after).join(", ")}`]);
    expect(failuresIn(second.applied)).toEqual([]);
    expect(linesOf(again)).toEqual([]);
  });
});
