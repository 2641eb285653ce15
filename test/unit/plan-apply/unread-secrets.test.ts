import { describe, expect, it } from "vitest";
import { renderPlan } from "../../../src/configure/render.ts";
import type { Values } from "../../../src/kinds/model/values.ts";
import { newLedger, updateLedger } from "../../../src/plan-apply/ledger/ledger.ts";
import { plan } from "../../../src/plan-apply/plan.ts";
import { desiredOf } from "../desired/desired.ts";

const ref = "{secretKeyRef: {name: app, key: token}}";

/** A plan of objects whose Secrets were not read. Vault has `live` at `path`, and everything else as declared. */
function planOf(yaml: string, path: string, live: Values): { changed: unknown[]; uncompared: string[] } {
  const { items } = desiredOf({ "a.yaml": yaml });
  const empty = newLedger("c");
  const ledger = updateLedger(
    empty,
    empty,
    items.map((item) => ({ item, op: "none" })),
  );
  const asDeclared = items.map((item) => [item.path, { live: item.desired }] as const);
  const { changes, uncompared } = plan(items, new Map([...asDeclared, [path, { live }]]), ledger);
  const [change] = changes;
  return {
    changed: changes.length === 0 ? [] : [change?.item.path, ...(change?.fields ?? []).map(({ field }) => field)],
    uncompared: uncompared.flatMap(({ fields }) => fields.map(({ field }) => field)),
  };
}

const database = (options: string) => ({
  yaml: `secrets: { db: { type: database, connections: { c: { plugin_name: p, options: ${options} } } } }`,
  path: "db/config/c",
});
const url = {
  yaml: `secrets: { db: { type: database, connections: { c: { plugin_name: p, connection_url: ${ref} } } } }`,
  path: "db/config/c",
};
const plugin = (fields: string) => ({
  yaml: `plugins: { secret: { p: { command: p, sha256: abc, ${fields} } } }`,
  path: "sys/plugins/catalog/secret/p",
});
const oidc = (config: string) => ({
  yaml: `auth: { o: { type: oidc, config: { oidc_discovery_url: "https://a.example", provider_config: ${config} } } }`,
  path: "auth/o/config",
});
const raw = (fields: string) => ({ yaml: `raw: { some/path: { ${fields} } }`, path: "some/path" });
const kv = {
  yaml: `secrets: { kv: { type: kv, options: { version: "2" }, values: { app: { a: ${ref} } } } }`,
  path: "kv/app",
};
const stored = (a: unknown) => ({ version: "2", number: 1, data: { a } });
const connection = (live: Values) => ({ plugin_name: "p", ...live });
const registered = (live: Values) => ({ command: "p", sha256: "abc", ...live });
const oidcConfig = (live: Values) => ({ oidc_discovery_url: "https://a.example", provider_config: live });

describe("a value from a Secret that was not read", () => {
  it.each<[string, { yaml: string; path: string }, Values, string]>([
    [
      "a map",
      database(`{tls_skip: "false", token: ${ref}}`),
      connection({ options: { tls_skip: false, token: "x", more: 1 } }),
      "options.token",
    ],
    ["a string", url, connection({ connection_url: "x" }), "connection_url"],
    ["a list", plugin(`args: [--tls=on, ${ref}]`), registered({ args: ["--tls=on", "x"] }), "args.1"],
    ["a whole list", plugin(`args: ${ref}`), registered({ args: ["--tls=on", "x"] }), "args"],
    [
      "JSON",
      oidc(`{provider: azure, deep: {key: ${ref}}}`),
      oidcConfig({ provider: "azure", deep: { key: "x" } }),
      "provider_config.deep.key",
    ],
    [
      "raw data",
      raw(`data: {config: {insecure: false, password: ${ref}}}`),
      { config: { insecure: false, password: "x" } },
      "data.config.password",
    ],
    ["a list of raw data", raw(`data: {l: [a, ${ref}]}`), { l: "a,x" }, "data.l.1"],
    ["an open list of raw data", raw(`data: {l: [a, ${ref}]}, open_lists: l`), { l: ["x", "a"] }, "data.l.1"],
    ["a whole open list", raw(`data: {l: ${ref}}, open_lists: l`), { l: ["x"] }, "data.l"],
    ["a KV value", kv, stored("x"), "a"],
  ])("is not compared, while the rest of %s is the same", (_, { yaml, path }, live, uncompared) => {
    expect(planOf(yaml, path, live)).toEqual({ changed: [], uncompared: [uncompared] });
  });

  it.each<[string, { yaml: string; path: string }, Values, string]>([
    [
      "a map",
      database(`{tls_skip: "false", token: ${ref}}`),
      connection({ options: { tls_skip: "true", token: "x" } }),
      "options",
    ],
    ["a list", plugin(`args: [--tls=on, ${ref}]`), registered({ args: ["--tls=off", "x"] }), "args"],
    ["a list by its length", plugin(`args: [${ref}]`), registered({ args: ["x", "--tls=off"] }), "args"],
    ["JSON", oidc(`{provider: azure, key: ${ref}}`), oidcConfig({ provider: "gsuite", key: "x" }), "provider_config"],
    [
      "raw data",
      raw(`data: {config: {insecure: false, password: ${ref}}}`),
      { config: { insecure: true, password: "x" } },
      "data.config",
    ],
    ["a list of raw data", raw(`data: {l: [a, ${ref}]}`), { l: ["b", "x"] }, "data.l"],
    ["an open list of raw data", raw(`data: {l: [a, ${ref}]}, open_lists: l`), { l: ["x", "b"] }, "data.l"],
  ])("does not hide a literal that differs beside it in %s", (_, { yaml, path }, live, field) => {
    expect(planOf(yaml, path, live)).toEqual({ changed: [path, field], uncompared: [] });
  });

  it.each<[string, { yaml: string; path: string }, Values, string]>([
    ["a map", database(`{token: ${ref}}`), connection({ options: { more: 1 } }), "options"],
    ["a string", url, connection({}), "connection_url"],
    ["a list", plugin(`args: [--tls=on, ${ref}]`), registered({ args: ["--tls=on"] }), "args"],
    ["a whole list", plugin(`args: ${ref}`), registered({ args: null }), "args"],
    ["JSON", oidc(`{key: ${ref}}`), oidcConfig({ key: "" }), "provider_config"],
    ["raw data", raw(`data: {password: ${ref}}`), { password: null }, "data.password"],
    ["raw data, which has a map there", raw(`data: {password: ${ref}}`), { password: { a: "" } }, "data.password"],
    ["an open list", raw(`data: {l: ${ref}}, open_lists: l`), { l: [] }, "data.l"],
    ["a KV value", kv, stored(""), "a"],
    ["a KV value, which is a number", kv, stored(5), "a"],
  ])("is a change where Vault has no such value: %s", (_, { yaml, path }, live, field) => {
    expect(planOf(yaml, path, live)).toEqual({ changed: [path, field], uncompared: [] });
  });

  it.each<[string, { yaml: string; path: string }, Values, string]>([
    ["a list", plugin(`env: [A=b, ${ref}]`), registered({}), "env"],
    ["raw data", raw(`write_only: {tls: true, deep: {password: ${ref}}}`), {}, "write_only"],
  ])("leaves the whole of a write-only field uncompared, which has one hash: %s", (_, { yaml, path }, live, field) => {
    expect(planOf(yaml, path, live)).toEqual({ changed: [], uncompared: [field] });
  });

  it("is named with each of its Secrets where a whole field is not compared", () => {
    const { yaml, path } = raw(`write_only: {a: ${ref}, b: ${ref.replace("token", "other")}}`);
    const { items } = desiredOf({ "a.yaml": yaml });

    expect(renderPlan(plan(items, new Map([[path, { live: {} }]])), false)).toContain(
      "? path some/path: write_only is not compared: from Secret app, key token, from Secret app, key other, which",
    );
  });
});
