import { afterAll, beforeAll, expect, it } from "vitest";
import { parseDesired } from "../../../../src/desired/load.ts";
import { redactFreeText } from "../../../../src/redact.ts";
import { configure, type KindServer, planOf, startKindServer } from "../harness/fixture.ts";

let server: KindServer;

beforeAll(async () => {
  server = await startKindServer("vault");
});
afterAll(() => server.close());

it("undeclared KV data is redacted from errors and log lines once it was read", async () => {
  const text = (version: number) =>
    `secrets: { kv${version}: { type: kv, options: { version: "${version}" }, values: { a: { k: v } } } }\n`;
  const { items } = parseDesired("test", new Map([1, 2].map((version) => [`${version}.yaml`, text(version)])));
  await configure(server.vault, items);
  await server.vault.write("kv1/a", { k: "v", other: ["planted-by-hand-1"] });
  await server.vault.write("kv2/data/a", { data: { k: "v", other: { deep: "planted-by-hand-2" } } });
  expect(redactFreeText("planted-by-hand-1 planted-by-hand-2")).toContain("planted-by-hand-1 planted-by-hand-2");

  await planOf(server.vault, items);

  expect(redactFreeText("planted-by-hand-1 planted-by-hand-2")).toBe("[redacted] [redacted]");
});
