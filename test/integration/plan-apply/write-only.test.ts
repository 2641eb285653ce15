import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "../../helpers/run-cli.ts";
import { type ConfigGround, type Files, startConfigGround } from "../configure/fixture.ts";

let ground: ConfigGround;

beforeAll(async () => {
  ground = await startConfigGround();
});

afterAll(async () => {
  await ground.close();
});

function desired({ password = "first", ttl = "8760h", key = "JBSWY3DPEHPK3PXP" } = {}): Files {
  return {
    "vault.yaml": `
audit: { file: { type: file, options: { file_path: ${ground.vaults.auditFile} } } }
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

/** Paths of these engines that were written to, one for each write. */
async function written(): Promise<string[]> {
  const writes = (await ground.audited()).filter(({ operation }) => /create|update|patch|delete/.test(operation));
  return writes.map(({ path }) => path).filter((path) => /^(mq|ca|totp)\//.test(path));
}

const said = ({ stdout, stderr }: Outcome) => stdout + stderr;

describe("what Vault tells nothing of", () => {
  it("is written by the first run, and by no later one", async () => {
    const first = await ground.run("bootstrap", desired());
    const before = await written();
    const second = await ground.run("configure");
    const planned = await ground.run("plan");

    expect(first.code, said(first)).toBe(0);
    expect(second.code, said(second)).toBe(0);
    expect(planned.code, said(planned)).toBe(0);
    expect(before.sort()).toEqual(["ca/root/generate/internal", "mq/config/connection", "totp/keys/k"]);
    expect(await written()).toHaveLength(before.length);
  });

  it("is written when it changes in Git: a connection as a whole", async () => {
    const planned = await ground.run("plan", desired({ password: "second" }));
    const configured = await ground.run("configure");
    const again = await ground.run("plan");

    expect(planned.code, said(planned)).toBe(10);
    expect(planned.stdout).toContain("mq/config/connection");
    expect(planned.stdout).not.toContain("second");
    expect(configured.code, said(configured)).toBe(0);
    expect(again.code, said(again)).toBe(0);
  });

  it("is refused where a write would replace what exists: a CA's lifetime, a key of one-time codes", async () => {
    const files = desired({ password: "second", ttl: "17520h", key: "KRSXG5CTMVRXEZLU" });

    const outcome = await ground.run("configure", files);

    expect(outcome.code, said(outcome)).toBe(4);
    expect(said(outcome)).toContain("ca/root");
    expect(said(outcome)).toContain("totp/keys/k");
    expect((await ground.ask("LIST", "ca/issuers")).body["data"]).toMatchObject({ keys: [expect.any(String)] });
  });
});
