import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "../../helpers/run-cli.ts";
import { type ConfigFixture, type Files, startConfigFixture } from "./fixture.ts";

let fixture: ConfigFixture;

beforeAll(async () => {
  fixture = await startConfigFixture();
  const outcome = await fixture.run("bootstrap", { "vault.yaml": "{}" });
  expect(outcome.code, outcome.stderr).toBe(0);
});

afterAll(async () => {
  await fixture.close();
});

const kib = 1024;
/** A policy of about this size. */
function policyOf(bytes: number): string {
  const rule = (n: number) => `path "kv/data/${String(n).padStart(8, "0")}" {\n  capabilities = ["read"]\n}\n`;
  return Array.from({ length: Math.ceil(bytes / rule(0).length) }, (_, n) => rule(n)).join("");
}

function files(policy: string, values: Record<string, unknown>): Files {
  const kv = { kv: { type: "kv", options: { version: "2" }, values } };
  return {
    "vault.yaml": JSON.stringify({ policies: { large: { file: "large.hcl" } }, secrets: kv }),
    "large.hcl": policy,
  };
}

type Line = { applied?: { done: { path: string }[]; failed: { path: string; error: string; todo: string }[] } };
function appliedOf({ stdout }: Outcome) {
  const lines = stdout.trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Line).find(({ applied }) => applied !== undefined)?.applied;
}

async function kvData(name: string): Promise<unknown> {
  const { body } = await fixture.request("GET", `kv/data/${name}`);
  return (body["data"] as { data: unknown }).data;
}

describe("a desired state with large and unusual values", () => {
  const policy = policyOf(900 * kib);
  const values = {
    large: { text: "v".repeat(900 * kib) },
    odd: {
      empty: "",
      digits: "9007199254740993",
      largest: Number.MAX_SAFE_INTEGER,
      fraction: 0.1,
      binary: randomBytes(300).toString("base64"),
      controls: "\u0000\u0001\u001b[31m\u007f\u2028",
      nothing: null,
      nested: { list: [1, "1", true], "": {} },
    },
  };

  it("is stored in Vault unchanged, and the next plan is empty", async () => {
    const first = await fixture.run("configure", files(policy, values));
    const again = await fixture.run("plan");

    expect(first.code, first.stderr).toBe(0);
    expect(again.code, again.stdout.slice(0, 2000)).toBe(0);
    const stored = await fixture.request("GET", "sys/policies/acl/large");
    expect((stored.body["data"] as { policy: string }).policy).toBe(policy);
    expect(await kvData("large")).toEqual(values.large);
    expect(await kvData("odd")).toEqual(values.odd);
  });
});

describe("an object that is larger than Vault's storage allows", () => {
  it("fails at once with its path and what to do, and the others are applied", async () => {
    const half = "v".repeat(600 * kib);
    const values = { entry: { a: half, b: half }, text: { a: half + half }, small: { a: "fits" } };
    const desired = files(policyOf(1100 * kib), values);
    const started = Date.now();

    const outcome = await fixture.run("configure", desired);

    const applied = appliedOf(outcome);
    expect(applied?.failed.map(({ path }) => path)).toEqual(["kv/entry", "kv/text", "sys/policies/acl/large"]);
    expect(applied?.done.map(({ path }) => path)).toEqual(["kv/small"]);
    for (const { error, todo } of applied?.failed ?? []) {
      expect(error).toMatch(/too large|exceeds allowed length/);
      expect(todo).toContain("max_entry_size");
    }
    expect(outcome.code).toBe(5);
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});

describe("a value that YAML cannot represent exactly", () => {
  it.each([
    [
      "a number that cannot be stored exactly",
      { "a.yaml": "secrets: {kv: {type: kv, values: {a: {n: 9007199254740993}}}}" },
      "2^53",
    ],
    [
      "binary data",
      { "a.yaml": "secrets: {kv: {type: kv, values: {a: {b: !!binary aGk=}}}}" },
      "found the tag !!binary",
    ],
  ])("is an error in the configuration: %s", async (_what, desired, expected) => {
    const outcome = await fixture.run("plan", desired);

    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain(expected);
  });
});
