import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "../../helpers/run-cli.ts";
import { type ConfigFixture, type Files, startConfigFixture } from "../configure/fixture.ts";

let fixture: ConfigFixture;

beforeAll(async () => {
  fixture = await startConfigFixture();
});

afterAll(async () => {
  await fixture.close();
});

function desired({ password = "first", ttl = "8760h", key = "JBSWY3DPEHPK3PXP" } = {}): Files {
  return {
    "vault.yaml": `
audit: { file: { type: file, options: { file_path: ${fixture.vaults.auditFile} } } }
secrets:
  mq:
    type: rabbitmq
    config:
      connection: { connection_uri: "http://mq:15672", username: vault, password: ${password}, verify_connection: false }
  ca:
    type: pki
    tune: { max_lease_ttl: 87600h }
    root: { common_name: CA, ttl: ${ttl} }
  totp:
    type: totp
    keys: { k: { key: ${key}, issuer: i, account_name: a } }
`,
  };
}

/** The path of each write to these secrets engines. */
async function writtenPaths(): Promise<string[]> {
  const writes = (await fixture.auditLog()).filter(({ operation }) => /create|update|patch|delete/.test(operation));
  return writes.map(({ path }) => path).filter((path) => /^(mq|ca|totp)\//.test(path));
}

const output = ({ stdout, stderr }: Outcome) => stdout + stderr;

describe("an object that Vault does not return", () => {
  it("is written by the first run only", async () => {
    const first = await fixture.run("bootstrap", desired());
    const before = await writtenPaths();
    const second = await fixture.run("configure");
    const planned = await fixture.run("plan");

    expect(first.code, output(first)).toBe(0);
    expect(second.code, output(second)).toBe(0);
    expect(planned.code, output(planned)).toBe(0);
    expect(before.sort()).toEqual(["ca/root/generate/internal", "mq/config/connection", "totp/keys/k"]);
    expect(await writtenPaths()).toHaveLength(before.length);
  });

  it("is written completely when it changes in Git", async () => {
    const planned = await fixture.run("plan", desired({ password: "second" }));
    const configured = await fixture.run("configure");
    const again = await fixture.run("plan");

    expect(planned.code, output(planned)).toBe(10);
    expect(planned.stdout).toContain("mq/config/connection");
    expect(planned.stdout).not.toContain("second");
    expect(configured.code, output(configured)).toBe(0);
    expect(again.code, output(again)).toBe(0);
  });

  it("is refused if a write would replace a CA or a TOTP key", async () => {
    const files = desired({ password: "second", ttl: "17520h", key: "KRSXG5CTMVRXEZLU" });

    const outcome = await fixture.run("configure", files);

    expect(outcome.code, output(outcome)).toBe(4);
    expect(output(outcome)).toContain("ca/root");
    expect(output(outcome)).toContain("totp/keys/k");
    expect((await fixture.request("LIST", "ca/issuers")).body["data"]).toMatchObject({ keys: [expect.any(String)] });
  });
});
