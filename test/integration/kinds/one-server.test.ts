import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDesired } from "../../../src/config/load.ts";
import type { Item } from "../../../src/resources/kind.ts";
import { configure, failuresIn, type KindServer, linesOf, planOf, startKindServer } from "./ground.ts";

/** Fields that only one of the servers has, so that no example holds them. */
type FieldCase = {
  readonly server: KindServer["kind"];
  readonly path: string;
  /** The configuration, with FIELDS where they stand. */
  readonly around: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
};

const pkiConfig = (key: string) =>
  `secrets: { pki: { type: pki, root: { common_name: CA }, config: { ${key}: FIELDS } } }`;
const pkiRole = "secrets: { pki: { type: pki, roles: { r: FIELDS } } }";

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
    around: 'secrets: { kv: { type: kv, options: { version: "2" }, config: FIELDS } }',
    before: { metadata_cas_required: true },
    after: { metadata_cas_required: false },
  },
];

describe.each<KindServer["kind"]>(["vault", "bao"])("fields that only this server has: %s", (kind) => {
  let server: KindServer;

  beforeAll(async () => {
    server = await startKindServer(kind);
  });

  afterAll(async () => {
    await server.close();
  });

  it.each(cases.filter((each) => each.server === kind))("are written, compared and changed: $path", async (each) => {
    const itemsWith = (fields: FieldCase["before"]): readonly Item[] =>
      parseDesired("test", new Map([["test.yaml", each.around.replace("FIELDS", JSON.stringify(fields))]])).items;

    const first = await configure(server.vault, itemsWith(each.before));
    const same = await planOf(server.vault, itemsWith(each.before));
    const second = await configure(server.vault, itemsWith(each.after));
    const again = await planOf(server.vault, itemsWith(each.after));

    expect(failuresIn(first.applied)).toEqual([]);
    expect(linesOf(same)).toEqual([]);
    expect(linesOf(second.plan)).toEqual([`update ${each.path}: ${Object.keys(each.after).join(", ")}`]);
    expect(failuresIn(second.applied)).toEqual([]);
    expect(linesOf(again)).toEqual([]);
  });
});
