import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectDir } from "../../cluster/paths.ts";
import { type Outcome, startCli } from "../../helpers/run-cli.ts";
import { type ConfigFixture, startConfigFixture } from "../configure/fixture.ts";
import { failure } from "../configure/sample.ts";

let fixture: ConfigFixture;
const account = "system:serviceaccount:vault:vault-hooks-configure";

beforeAll(async () => {
  fixture = await startConfigFixture();
  await resetWithRights();
});
afterAll(() => fixture.close());

const yaml = `
policies: { p: { hcl: 'path "a" { capabilities = ["read"] }' } }
secrets: { one: { type: kv, values: { a: { p: { generate: {} } } } } }
`;

const rights = () => readFile(join(projectDir, "hooks/base/configure/rbac.yaml"), "utf8");

/** Starts a new Vault, and gives the hook exactly the permissions declared in hooks/. */
async function resetWithRights(): Promise<void> {
  await fixture.reset();
  await fixture.kube.apply(await rights());
}

/** Runs configure like its Job: in a pod, with its ServiceAccount's token, without flags except the folder. */
async function runAsHook(): Promise<Outcome> {
  const hosts = { "vault-0.vault-internal.vault.svc": fixture.vaults.ips[0] ?? "" };
  const podView = await fixture.kube.podViewFor("vault", "vault-hooks-configure", hosts);
  const inPod = {
    hosts: podView.hosts,
    secrets: { ...podView.secrets, "desired/vault.yaml": yaml },
  };
  const env = {
    ...fixture.kube.podEnv,
    VAULT_HOOKS_CONFIG: "/var/run/secrets/desired",
    VAULT_HOOKS_TOKEN_FILE: "/var/run/secrets/vault-hooks/token",
    VAULT_HOOKS_TIMEOUT: "40s",
  };
  return await (await startCli(["configure"], { podView: inPod, env })).outcome;
}

async function isAllowed(...words: string[]): Promise<boolean> {
  // kubectl exits with a non-zero code if the answer is "no"
  return await fixture.kube.kubectl(["auth", "can-i", ...words, `--as=${account}`]).then(
    () => true,
    () => false,
  );
}

describe("the configure hook with the RBAC from hooks/", () => {
  it("succeeds on the first run, which writes KV version 1 values while it holds the Lease, and on the second", async () => {
    const first = await runAsHook();
    const second = await runAsHook();

    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect(second.code, second.stdout + second.stderr).toBe(0);
    expect(await fixture.secret("vault-root-token")).toBeUndefined();
    expect((await fixture.request("GET", "one/a")).status).toBe(200);
  });

  it.each([
    ["get", "secrets/vault-root-token", "vault-custody", true],
    ["get", "secrets/vault-unseal-keys", "vault-custody", false],
    ["list", "secrets", "vault-custody", false],
    ["get", "secrets", "vault", false],
    ["create", "serviceaccounts/token", "vault", false],
    ["create", "pods", "vault", false],
    ["delete", "pods", "vault", false],
    ["list", "pods", "vault", true],
    ["list", "persistentvolumeclaims", "vault", false],
    ["get", "configmaps/vault-init-record", "vault-custody", true],
    ["update", "configmaps/vault-init-record", "vault-custody", false],
  ])("may %s %s in namespace %s: %s", async (verb, resource, namespace, expected) => {
    expect(await isAllowed(verb, resource, "-n", namespace)).toBe(expected);
  });

  it("ends with exit code 5, names the missing right and keeps the root token if a right is missing", async () => {
    await resetWithRights();
    await fixture.kube.kubectl(["-n", "vault-custody", "delete", "rolebinding", "vault-hooks-configure"]);

    const outcome = await runAsHook();

    expect(outcome.code, outcome.stderr).toBe(5);
    expect(failure(outcome)["error"]).toContain("vault-init-record");
    expect(failure(outcome)["error"]).toContain("vault-hooks-configure");
    expect(await fixture.secret("vault-root-token")).toBeDefined();
  });

  it("repairs a login that was opened to others, even without permission to read the ledger", async () => {
    await resetWithRights();
    await runAsHook();
    const role = "auth/vault-hooks/role/configure";
    const names = async () => (await fixture.request("GET", role)).body["data"];
    await fixture.request("POST", role, { bound_service_account_names: ["vault-hooks-configure", "evil"] });
    await fixture.kube.apply((await rights()).replace("[vault-hooks-ledger]", "[another]"));

    const outcome = await runAsHook();

    expect(outcome.code, outcome.stderr).toBe(5);
    expect(failure(outcome)["error"]).toContain("vault-hooks-ledger");
    expect(outcome.stderr).toContain("repaired the login of vault-hooks");
    expect(await names()).toMatchObject({ bound_service_account_names: ["vault-hooks-configure"] });
  });
});

describe("configure with a Vault that may not review tokens", () => {
  const binding = "vault-server-binding";

  it("ends with exit code 5, names the missing ClusterRole and keeps the root token until it is granted", async () => {
    await resetWithRights();
    const before = await fixture.kube.kubectl(["get", "clusterrolebinding", binding, "-o=yaml"]);
    await fixture.kube.kubectl(["delete", "clusterrolebinding", binding]);

    const refused = await runAsHook();
    const kept = await fixture.secret("vault-root-token");
    await fixture.kube.kubectl(["create", "-f", "-"], before.replace(/^ {2}(resourceVersion|uid):.*\n/gm, ""));
    const granted = await runAsHook();

    expect(refused.code, refused.stderr).toBe(5);
    expect(failure(refused)["todo"]).toContain("system:auth-delegator");
    expect(kept?.["token"]).toMatch(/^hvs\./);
    expect(granted.code, granted.stdout + granted.stderr).toBe(0);
    expect(await fixture.secret("vault-root-token")).toBeUndefined();
  });
});
