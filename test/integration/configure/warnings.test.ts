import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Outcome } from "../../helpers/run-cli.ts";
import { type ConfigFixture, startConfigFixture } from "./fixture.ts";
import { type Json, part } from "./sample.ts";

let fixture: ConfigFixture;

beforeAll(async () => {
  fixture = await startConfigFixture();
  await fixture.reset();
});
afterEach(() => fixture.proxy.clearFaults());
afterAll(() => fixture.close());

const role = "auth/apps/role/dev";
const files = (ttl: string) => ({
  "vault.yaml": `auth: { apps: { type: approle, roles: { dev: { token_max_ttl: ${ttl} }, other: {} } } }`,
});
const warningsIn = (outcome: Outcome, name: "plan" | "applied") => (part(outcome, name) as Json)["warnings"];
const withWarning = (text: string) => (body: string) => JSON.stringify({ ...JSON.parse(body), warnings: [text] });

it("configure shows Vault's warnings about what it wrote, by object", async () => {
  const outcome = await fixture.run("configure", files("9000h"));
  const table = await fixture.run("configure", files("9001h"), "--output=table");

  expect(outcome.code, outcome.stderr).toBe(0);
  expect(warningsIn(outcome, "applied")).toEqual([
    { kind: "AppRole role", path: role, warnings: [expect.stringContaining("greater than")] },
  ]);
  expect(table.stdout).toMatch(/\? AppRole role auth\/apps\/role\/dev: Vault warns: .*greater than/);
});

it("plan and configure show Vault's warnings about what they read, by object", async () => {
  const edit = withWarning("this role is deprecated");
  fixture.proxy.fault({ edit }, { method: "GET", path: /^auth\/apps\/role\/dev$/ });

  const outcomes = [await fixture.run("plan", files("9001h")), await fixture.run("configure", files("9001h"))];

  for (const outcome of outcomes) {
    expect(outcome.code, outcome.stderr).toBe(0);
    expect(warningsIn(outcome, "plan")).toEqual([
      { kind: "AppRole role", path: role, warnings: ["this role is deprecated"] },
    ]);
  }
});

it("a command logs Vault's warnings about other requests, each once", async () => {
  fixture.proxy.fault({ edit: withWarning("the seal is deprecated") }, { method: "GET", path: /^sys\/seal-status$/ });

  const outcomes = [await fixture.run("plan", files("9001h")), await fixture.run("unseal")];

  for (const { code, stderr } of outcomes) {
    const logged = stderr.split("\n").filter((line) => line.includes("Vault warns"));
    expect(code, stderr).toBe(0);
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { level: "warn", request: "read sys/seal-status on vault-0", warning: "the seal is deprecated" },
    ]);
  }
});
