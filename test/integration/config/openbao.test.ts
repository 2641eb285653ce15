import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectDir } from "../../cluster/paths.ts";
import { type ConfigGround, type Files, startConfigGround } from "./ground.ts";

let ground: ConfigGround;

beforeAll(async () => {
  ground = await startConfigGround("bao");
});

afterAll(async () => {
  await ground.close();
});

/** The sample of hooks/config, with an audit device that a test can read. */
async function sample(): Promise<Files> {
  const names = ["auth.yaml", "policies.yaml", "secrets.yaml", "policies/dev.hcl", "policies/auth-policy-operator.hcl"];
  const read = async (name: string) => [name, await readFile(join(projectDir, "hooks/config", name), "utf8")];
  const audit = `audit: { file: { type: file, options: { file_path: ${ground.vaults.auditFile} } } }`;
  return { ...Object.fromEntries(await Promise.all(names.map(read))), "audit.yaml": audit };
}

describe("the sample configuration on OpenBao", () => {
  it("is set up from nothing, and the root token is gone", async () => {
    const outcome = await ground.run("bootstrap", await sample());
    const secrets = await ground.kube.kubectl(["-n", "vault-custody", "get", "secrets", "-o=name"]);

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(secrets).toContain("vault-unseal-keys");
    expect(secrets).not.toContain("vault-root-token");
  });

  it("is planned empty then, and a second configure writes nothing but its login and the end of it", async () => {
    const isWrite = ({ operation }: { operation: string }) => /create|update|delete|patch/.test(operation);
    await ground.ask("POST", "kvv2/data/seen", { data: { a: "b" } });
    const before = await ground.audited();
    expect(before.filter(isWrite)).toContainEqual({ operation: "create", path: "kvv2/data/seen" });

    const configured = await ground.run("configure");
    const writes = (await ground.audited()).slice(before.length).filter(isWrite);
    const planned = await ground.run("plan");

    expect(configured.code, configured.stderr).toBe(0);
    expect(writes.map(({ path }) => path)).toEqual(["auth/vault-hooks/login", "auth/token/revoke-self"]);
    expect(planned.code, planned.stdout).toBe(0);
  });
});
