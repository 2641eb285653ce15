import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectDir } from "../../cluster/paths.ts";
import { type Outcome, startCli } from "../../helpers/run-cli.ts";
import { type ConfigGround, startConfigGround } from "../configure/fixture.ts";
import { failure } from "../configure/sample.ts";

let ground: ConfigGround;
const account = "system:serviceaccount:vault:vault-hooks-configure";

beforeAll(async () => {
  ground = await startConfigGround();
  await begin();
});
afterAll(() => ground.close());

const yaml = `
policies: { p: { hcl: 'path "a" { capabilities = ["read"] }' } }
secrets: { one: { type: kv, values: { a: { p: { generate: {} } } } } }
`;

const rights = () => readFile(join(projectDir, "hooks/rbac/configure.yaml"), "utf8");

/** A new Vault, and the hook with no more and no fewer rights than hooks/ gives it. */
async function begin(): Promise<void> {
  await ground.begin();
  await ground.kube.apply(await rights());
}

/** Runs configure as its Job does: in a pod, as its ServiceAccount, with its token and no flags but the folder. */
async function runAsHook(): Promise<Outcome> {
  const hosts = { "vault-0.vault-internal.vault.svc": ground.vaults.ips[0] ?? "" };
  const podView = await ground.kube.podViewFor("vault", "vault-hooks-configure", hosts);
  const inPod = {
    hosts: podView.hosts,
    secrets: { ...podView.secrets, "desired/vault.yaml": yaml },
  };
  const env = {
    ...ground.kube.podEnv,
    VAULT_HOOKS_CONFIG: "/var/run/secrets/desired",
    VAULT_HOOKS_TOKEN_FILE: "/var/run/secrets/vault-hooks/token",
    VAULT_HOOKS_TIMEOUT: "40s",
  };
  return await (await startCli(["configure"], { podView: inPod, env })).outcome;
}

async function mayI(...words: string[]): Promise<boolean> {
  // kubectl says "no" with an exit code too
  return await ground.kube.kubectl(["auth", "can-i", ...words, `--as=${account}`]).then(
    () => true,
    () => false,
  );
}

describe("the rights of the hook", () => {
  it("suffice for the first configure, values of KV version 1 under the Lease, and for the next", async () => {
    const first = await runAsHook();
    const second = await runAsHook();

    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect(second.code, second.stdout + second.stderr).toBe(0);
    expect(await ground.secret("vault-root-token")).toBeUndefined();
    expect((await ground.ask("GET", "one/a")).status).toBe(200);
  });

  it.each([
    ["get", "secrets/vault-root-token", "vault-custody", true],
    ["get", "secrets/vault-unseal-keys", "vault-custody", false],
    ["list", "secrets", "vault-custody", false],
    ["get", "secrets", "vault", false],
    ["create", "serviceaccounts/token", "vault", false],
    ["create", "pods", "vault", false],
    ["delete", "pods", "vault", false],
    ["list", "pods", "vault", false],
    ["list", "persistentvolumeclaims", "vault", false],
    ["get", "configmaps/vault-init-record", "vault-custody", false],
  ])("to %s %s in %s: %s", async (verb, what, namespace, expected) => {
    expect(await mayI(verb, what, "-n", namespace)).toBe(expected);
  });

  it("where one is missing lead to exit code 5, the right by its name, and no root token is lost", async () => {
    await begin();
    await ground.kube.kubectl(["-n", "vault-custody", "delete", "rolebinding", "vault-hooks-configure"]);

    const outcome = await runAsHook();

    expect(outcome.code, outcome.stderr).toBe(5);
    expect(failure(outcome)["error"]).toContain("vault-root-token");
    expect(failure(outcome)["error"]).toContain("vault-hooks-configure");
    expect(await ground.secret("vault-root-token")).toBeDefined();
  });

  it("to the ledger, where they are missing, do not leave a login that somebody else can use", async () => {
    await begin();
    await runAsHook();
    const role = "auth/vault-hooks/role/configure";
    const names = async () => (await ground.ask("GET", role)).body["data"];
    await ground.ask("POST", role, { bound_service_account_names: ["vault-hooks-configure", "evil"] });
    await ground.kube.apply((await rights()).replace("[vault-hooks-ledger]", "[another]"));

    const outcome = await runAsHook();

    expect(outcome.code, outcome.stderr).toBe(5);
    expect(failure(outcome)["error"]).toContain("vault-hooks-ledger");
    expect(outcome.stderr).toContain("put the login of vault-hooks back");
    expect(await names()).toMatchObject({ bound_service_account_names: ["vault-hooks-configure"] });
  });
});

describe("a Vault that may not review tokens", () => {
  const binding = "vault-server-binding";

  it("is told with exit code 5 and what its ServiceAccount lacks; the root token is kept until that is mended", async () => {
    await begin();
    const before = await ground.kube.kubectl(["get", "clusterrolebinding", binding, "-o=yaml"]);
    await ground.kube.kubectl(["delete", "clusterrolebinding", binding]);

    const refused = await runAsHook();
    const kept = await ground.secret("vault-root-token");
    await ground.kube.kubectl(["create", "-f", "-"], before.replace(/^ {2}(resourceVersion|uid):.*\n/gm, ""));
    const mended = await runAsHook();

    expect(refused.code, refused.stderr).toBe(5);
    expect(failure(refused)["todo"]).toContain("system:auth-delegator");
    expect(kept?.["token"]).toMatch(/^hvs\./);
    expect(mended.code, mended.stdout + mended.stderr).toBe(0);
    expect(await ground.secret("vault-root-token")).toBeUndefined();
  });
});
