import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseDesired } from "../../../src/desired/load.ts";
import type { Item } from "../../../src/kinds/model/kind.ts";
import { createLogger } from "../../../src/logger.ts";
import { apply } from "../../../src/plan-apply/apply.ts";
import { cachedReader, observe } from "../../../src/plan-apply/observe.ts";
import { plan } from "../../../src/plan-apply/plan.ts";
import type { Vault } from "../../../src/vault/client.ts";
import { freeName } from "../../helpers/free-name.ts";
import { makeReady } from "../../helpers/ready-vault.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";

const concurrency = 8;
const log = createLogger({ level: "error", output: "json", color: false }, (line) => process.stderr.write(line));

/** Names that Vault accepts for roles and keys. */
const name = freeName(9);
/** Names that must be URL-encoded; policies and KV paths may have them. */
const wildName = fc
  .tuple(name, fc.constantFrom("", " ", "=", "&", "%", "%2f", "é", "日本", "?", "#", "+", "'"))
  .map(([a, b]) => `${a}${b}${a}`);
const seconds = fc.integer({ min: 60, max: 100_000 });
const duration = fc.oneof(
  seconds,
  seconds.map((count) => `${count}s`),
  fc.integer({ min: 1, max: 500 }).map((count) => `${count}h`),
);
const policy = fc.array(fc.constantFrom("create", "read", "update", "list", "sudo"), { minLength: 1 }).map((words) => ({
  hcl: `# a comment\npath  "kv/*" {\n\tcapabilities = ${JSON.stringify([...new Set(words)])}\n}\n`,
}));
const role = fc.record(
  {
    bound_service_account_names: fc.array(name, { minLength: 1, maxLength: 3 }),
    bound_service_account_namespaces: fc.array(name, { minLength: 1, maxLength: 3 }),
    audience: name,
    token_policies: fc.array(name, { maxLength: 3 }),
    token_ttl: fc.integer({ min: 1, max: 5 }).map((hours) => `${hours}h`),
    token_max_ttl: fc.integer({ min: 6, max: 9 }).map((hours) => hours * 3600),
    token_num_uses: fc.nat(9),
    token_no_default_policy: fc.boolean(),
    token_bound_cidrs: fc.subarray(["10.0.0.1/32", "10.0.0.0/8", "::1/128"]),
  },
  { requiredKeys: ["bound_service_account_names", "bound_service_account_namespaces"] },
);
const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant({ generate: { length: 12 } }));
const entries = fc.dictionary(wildName, fc.dictionary(wildName, value, { minKeys: 1, maxKeys: 3 }), { maxKeys: 3 });
const tune = fc.record({ default_lease_ttl: duration, listing_visibility: fc.constantFrom("hidden", "unauth") });

/** Mounts always have the same type and version, since a change of those is refused. */
const desiredState = fc.record({
  policies: fc.dictionary(wildName, policy, { maxKeys: 4 }),
  auth: fc.record({
    k8s: fc.record({
      type: fc.constant("kubernetes"),
      description: fc.string(),
      tune,
      roles: fc.dictionary(name, role, { maxKeys: 4 }),
    }),
  }),
  secrets: fc.record({
    v1: fc.record({ type: fc.constant("kv"), options: fc.constant({ version: "1" }), values: entries }),
    "nested/v2": fc.record({ type: fc.constant("kv"), options: fc.constant({ version: "2" }), tune, values: entries }),
    transit: fc.record({
      type: fc.constant("transit"),
      keys: fc.dictionary(
        name,
        fc.record({ auto_rotate_period: fc.constantFrom(0, "1h", 7200, "30d"), deletion_allowed: fc.boolean() }),
        {
          maxKeys: 2,
        },
      ),
    }),
  }),
});

describe.each(["vault", "bao"] as const)("on a real %s, any desired state", (kind) => {
  let servers: VaultServers;
  let vault: Vault;

  beforeAll(async () => {
    servers = await startVault({ kind });
    ({ vault } = await makeReady(servers.addresses[0] ?? ""));
  });

  afterAll(async () => {
    await vault.close();
    await servers.close();
  });

  async function planFor(items: readonly Item[]) {
    return plan(items, await observe(cachedReader(vault), items, concurrency));
  }

  it("is reached by one apply: the next plan is empty", async () => {
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(desiredState, async (state) => {
        const { items } = parseDesired("config", new Map([["a.yaml", stringify(state)]]));
        const first = await planFor(items);
        changed += first.changes.length;

        const applied = await apply(vault, first, { log, concurrency, exclusively: (act) => act() });
        const second = await planFor(items);

        expect(applied.failed.map(({ item, error }) => `${item.path}: ${error.message}`)).toEqual([]);
        expect(second.changes.map(({ item, fields }) => ({ path: item.path, fields }))).toEqual([]);
        expect(second.refusals).toEqual([]);
        expect(second.unreadable).toEqual([]);
        expect(second.unchanged).toBe(items.length);
      }),
      { numRuns: 60 },
    );
    expect(changed).toBeGreaterThan(100);
  });
});
