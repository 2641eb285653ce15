import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { projectDir } from "../../cluster/paths.ts";
import { type Outcome, startCli } from "../../helpers/run-cli.ts";
import { type ConfigFixture, startConfigFixture } from "../configure/fixture.ts";
import { desired, failure, type Json, planOf, warningsOf } from "../configure/sample.ts";

let fixture: ConfigFixture;
const role = "auth/vault-hooks/role/plan";
const policy = "sys/policies/acl/vault-hooks-plan";

beforeAll(async () => {
  fixture = await startConfigFixture();
  await fixture.reset();
  await configured();
});
beforeEach(async () => {
  await configured();
});
afterAll(() => fixture.close());

async function configured(): Promise<void> {
  const { code, stderr } = await fixture.run("configure", desired(fixture.vaults.auditFile));
  expect(code, stderr).toBe(0);
}

async function logIn(account: string, name: string) {
  const jwt = await fixture.kube.tokenFor("vault", account, "vault-hooks");
  const { status, body } = await fixture.requestWith("", "POST", "auth/vault-hooks/login", { role: name, jwt });
  return { status, token: (body["auth"] as { client_token?: string } | undefined)?.client_token ?? "" };
}

const write = (path: string, fields: Json) => fixture.request("POST", path, fields);

describe("the login of plan and status", () => {
  it.each([
    ["POST", "kvv2/data/webapp/config", { data: { a: "b" } }],
    ["POST", "kvv1/legacy", { a: "b" }],
    ["DELETE", "kvv1/legacy", undefined],
    ["POST", "sys/policies/acl/vault-hooks-plan", { policy: 'path "*" { capabilities = ["sudo", "update"] }' }],
    ["POST", "auth/vault-hooks/role/plan", { token_policies: ["vault-hooks"] }],
    ["POST", "auth/token/create", { policies: ["vault-hooks-plan"] }],
    ["POST", "sys/auth/other", { type: "userpass" }],
    ["POST", "sys/auth/vault-hooks/tune", { description: "x" }],
    ["DELETE", "sys/audit/file", undefined],
    ["POST", "sys/config/ui/headers/X-A", { values: "b" }],
    ["POST", "sys/seal", {}],
    ["GET", "sys/raw/core/mounts", undefined],
  ])("may not %s %s", async (method, path, fields) => {
    const { token } = await logIn("vault-hooks-plan", "plan");

    const { status } = await fixture.requestWith(token, method, path, fields);

    expect(token).not.toBe("");
    expect(status).toBe(403);
  });

  it.each(["kvv2/data/webapp/config", "kvv1/legacy", "sys/audit", "sys/policies/acl?list=true", role])(
    "may read %s",
    async (path) => {
      const { token } = await logIn("vault-hooks-plan", "plan");

      expect((await fixture.requestWith(token, "GET", path)).status).toBe(200);
    },
  );

  it("is not open to the ServiceAccount of configure, nor the login of configure to that of plan", async () => {
    const logins = [await logIn("vault-hooks-plan", "configure"), await logIn("vault-hooks-configure", "plan")];

    expect(logins.map(({ status }) => status)).toEqual([403, 403]);
  });
});

/** Runs plan as in the CronJob: in a pod, with its ServiceAccount's tokens and the permissions from hooks/. */
async function planAsHook(): Promise<Outcome> {
  await fixture.kube.apply(await readFile(join(projectDir, "hooks/base/drift/rbac.yaml"), "utf8"));
  const hosts = { "vault-0.vault-internal.vault.svc": fixture.vaults.ips[0] ?? "" };
  const podView = await fixture.kube.podViewFor("vault", "vault-hooks-plan", hosts);
  const yaml = desired(fixture.vaults.auditFile)["vault.yaml"] ?? "";
  const text = yaml.replace("{ file: policies/dev.hcl }", `{ hcl: ${JSON.stringify(dev)} }`);
  const inPod = { hosts: podView.hosts, secrets: { ...podView.secrets, "desired/vault.yaml": text } };
  const env = {
    ...fixture.kube.podEnv,
    VAULT_HOOKS_CONFIG: "/var/run/secrets/desired",
    VAULT_HOOKS_TOKEN_FILE: "/var/run/secrets/vault-hooks/token",
    VAULT_HOOKS_TIMEOUT: "40s",
  };
  return await (await startCli(["plan"], { podView: inPod, env })).outcome;
}
const dev = 'path "kvv2/*" {\n  capabilities = ["read"]\n}\n';

describe("plan and status", () => {
  it("find no difference, with the permissions of the CronJob", async () => {
    const outcome = await planAsHook();

    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
    expect(warningsOf(outcome)).toEqual([]);
  });

  it("send no request that could write, except the login and its end", async () => {
    const before = (await fixture.auditLog()).length;

    const outcomes = [await fixture.run("plan"), await fixture.run("status")];

    const entries = (await fixture.auditLog()).slice(before);
    const writes = entries.filter(({ operation }) => operation !== "read" && operation !== "list");
    for (const { code, stderr } of outcomes) expect(code, stderr).toBe(0);
    expect(JSON.parse(outcomes[1]?.stdout ?? "")).toMatchObject({ pods: [{ voter: true }] });
    expect(entries.length).toBeGreaterThan(writes.length);
    expect(writes.map(({ path }) => path)).toEqual([
      ...["auth/vault-hooks/login", "auth/token/revoke-self"],
      ...["auth/vault-hooks/login", "auth/token/revoke-self"],
    ]);
  });

  it("refuse with a hint when an older version has configured Vault; configure then adds the login without a warning", async () => {
    for (const path of [role, policy]) expect((await fixture.request("DELETE", path)).status).toBeLessThan(300);
    await fixture.kube.kubectl(["-n", "vault", "delete", "serviceaccount", "vault-hooks-plan"]);
    await fixture.kube.kubectl(["-n", "vault", "create", "serviceaccount", "vault-hooks-plan"]);

    const refused = await fixture.run("plan");
    await fixture.kube.kubectl(["-n", "vault", "delete", "serviceaccount", "vault-hooks-plan"]);
    const configure = await fixture.run("configure");
    const planned = await fixture.run("plan");

    expect(refused.code, refused.stderr).toBe(4);
    expect(failure(refused)["error"]).toContain('no role "plan" for plan and status yet');
    expect(failure(refused)["todo"]).toContain("Run configure");
    expect([configure.code, warningsOf(configure)]).toEqual([0, []]);
    expect([planned.code, warningsOf(planned)]).toEqual([0, []]);
  });

  it("plan refuses, and status warns, when the ServiceAccount does not exist; configure makes it and its role", async () => {
    expect((await fixture.request("DELETE", role)).status).toBeLessThan(300);
    await fixture.kube.kubectl(["-n", "vault", "delete", "serviceaccount", "vault-hooks-plan"]);

    const refused = await fixture.run("plan");
    const status = await fixture.run("status");
    const configure = await fixture.run("configure");
    const planned = await fixture.run("plan");

    expect(refused.code, refused.stderr).toBe(4);
    expect(failure(refused)["error"]).toContain("there is no ServiceAccount vault/vault-hooks-plan");
    expect(failure(refused)["todo"]).toContain("run configure");
    expect(status.code, status.stderr).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ pods: [{ voter: null }], deadPeers: null });
    expect(warningsOf(status)).toMatchObject([
      { error: failure(refused)["error"], msg: expect.stringContaining("cannot read the Raft peers") },
    ]);
    expect([configure.code, planned.code]).toEqual([0, 0]);
  });

  it("name --token-file when its token is of the ServiceAccount of configure", async () => {
    const token = await fixture.kube.tokenFor("vault", "vault-hooks-configure", "vault-hooks");
    const flag = `--token-file=${await fixture.file("old-token", token)}`;

    const planned = await fixture.run("plan", undefined, flag);
    const status = await fixture.run("status", undefined, flag);

    const expected = "the token of --token-file, which must be of ServiceAccount vault/vault-hooks-plan";
    expect(planned.code, planned.stderr).toBe(5);
    expect(failure(planned)["error"]).toContain(expected);
    expect(failure(planned)["todo"]).not.toContain("root token");
    expect(warningsOf(status)).toMatchObject([{ error: expect.stringContaining(expected) }]);
  });

  it("find drift in their own login, which configure repairs", async () => {
    await write(role, {
      bound_service_account_names: ["vault-hooks-plan", "evil"],
      bound_service_account_namespaces: ["vault"],
      audience: "vault-hooks",
      token_policies: ["vault-hooks-plan"],
      token_no_default_policy: true,
    });
    await write(policy, { policy: 'path "*" { capabilities = ["read", "list", "update", "sudo"] }' });

    const planned = await fixture.run("plan");
    const configure = await fixture.run("configure");
    const again = await fixture.run("plan");

    expect(planned.code, planned.stderr).toBe(10);
    expect(planOf(planned).changes).toMatchObject([{ path: role }, { path: policy }]);
    for (const outcome of [planned, configure]) {
      const paths = warningsOf(outcome).map(({ path }) => path);
      expect(paths).toEqual(expect.arrayContaining([role, policy]));
    }
    expect(configure.code, configure.stderr).toBe(0);
    expect([again.code, warningsOf(again)]).toEqual([0, []]);
    expect((await fixture.request("GET", role)).body["data"]).toMatchObject({
      bound_service_account_names: ["vault-hooks-plan"],
    });
  });
});
