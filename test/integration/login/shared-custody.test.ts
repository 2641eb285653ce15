import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { type Proxy as FaultProxy, startProxy } from "../../helpers/proxy.ts";
import { makeReady, type ReadyVault } from "../../helpers/ready-vault.ts";
import type { Outcome } from "../../helpers/run-cli.ts";
import { vaultPodView } from "../../helpers/vault-pod-view.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";
import { type ConfigFixture, startConfigFixture } from "../configure/fixture.ts";
import { failure } from "../configure/sample.ts";

/** Vault A, whose custody is `vault-custody`. */
let fixture: ConfigFixture;
/** Vault B, in namespace vault-b, with the same custody by mistake. */
let servers: VaultServers;
let second: ReadyVault;
let proxy: FaultProxy;

beforeAll(async () => {
  fixture = await startConfigFixture();
  servers = await startVault({ podView: await vaultPodView(fixture.kube) });
  const [origin = ""] = servers.addresses;
  second = await makeReady(origin);
  proxy = await startProxy(origin);
  await fixture.kube.apply(
    ["{apiVersion: v1, kind: Namespace, metadata: {name: vault-b}}", ...workload()].join("\n---\n"),
  );
});
afterAll(async () => {
  await second?.vault.close();
  await proxy?.close();
  await servers?.close();
  await fixture?.close();
});

/** B's StatefulSet and its pod. */
function workload(): string[] {
  const labels = { app: "vault" };
  const spec = { containers: [{ name: "vault", image: "vault" }] };
  const template = { metadata: { labels }, spec };
  const of = (name: string) => ({ name, namespace: "vault-b", labels });
  const statefulSet = { replicas: 1, serviceName: "vault-internal", selector: { matchLabels: labels }, template };
  return [
    { apiVersion: "apps/v1", kind: "StatefulSet", metadata: of("vault"), spec: statefulSet },
    { apiVersion: "v1", kind: "Pod", metadata: of("vault-0"), spec },
  ].map((each) => stringify(each));
}

let root: string;
beforeEach(async () => {
  root = await fixture.reset();
  proxy.requests.length = 0;
  proxy.tokens.clear();
});

const files = { "vault.yaml": 'policies: { seen: { hcl: \'path "a" { capabilities = ["read"] }\' } }' };
const config = ["configure", "plan"] as const;
const runOnB = (command: string) =>
  fixture.run(command, command === "status" ? undefined : files, "--namespace=vault-b", `--address=${proxy.address}`);
const kubectl = (...args: string[]) => fixture.kube.kubectl(["-n", "vault-custody", ...args]);

async function resourceVersion(secret: string): Promise<string> {
  return await kubectl("get", "secret", secret, "-o=jsonpath={.metadata.resourceVersion}");
}

async function storeRootToken(token: string): Promise<void> {
  await kubectl("delete", "secret", "vault-root-token", "--ignore-not-found");
  await kubectl("create", "secret", "generic", "vault-root-token", `--from-literal=token=${token}`);
}

async function createRootTokenOfB(): Promise<string> {
  const made = await second.vault.write("auth/token/create", { policies: ["root"], no_parent: true });
  return (made as { auth: { client_token: string } }).auth.client_token;
}

async function patchRecord(data: Record<string, string | null>): Promise<void> {
  await kubectl("patch", "configmap", "vault-init-record", "--type=merge", `-p=${JSON.stringify({ data })}`);
}

function expectRefused(outcome: Outcome): void {
  expect(outcome.code, outcome.stdout + outcome.stderr).toBe(4);
  expect(failure(outcome)["error"]).toContain("belongs to StatefulSet vault/vault, not to vault-b/vault");
  expect(failure(outcome)["todo"]).toContain("--custody-namespace");
}

describe("with the custody of a Vault that waits for its first configure,", () => {
  it.each(config)("%s refuses, and sends, revokes and deletes no token", async (command) => {
    const outcome = await runOnB(command);

    expectRefused(outcome);
    expect(outcome.stdout).toBe("");
    expect(proxy.requests).toContain("GET sys/seal-status");
    expect([...proxy.tokens]).toEqual([]);
    expect((await fixture.secret("vault-root-token"))?.["token"]).toBe(root);
    expect((await fixture.requestWith(root, "GET", "auth/token/lookup-self")).status).toBe(200);
  });

  it("a configure whose configuration is wrong sends, revokes and deletes no token either", async () => {
    const wrong = { "vault.yaml": "secret: {}" };
    const outcome = await fixture.run("configure", wrong, "--namespace=vault-b", `--address=${proxy.address}`);

    expect(outcome.code, outcome.stderr).toBe(2);
    expect(outcome.stderr).toContain("belongs to StatefulSet vault/vault, not to vault-b/vault");
    expect([...proxy.tokens]).toEqual([]);
    expect((await fixture.secret("vault-root-token"))?.["token"]).toBe(root);
  });

  it("status shows the pods, says so, and sends no token", async () => {
    const outcome = await runOnB("status");

    expectRefused(outcome);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      healthy: false,
      mixUp: { error: expect.stringContaining("belongs to StatefulSet vault/vault") },
      pods: [{ pod: "vault-0", sealed: false }],
    });
    expect([...proxy.tokens]).toEqual([]);
  });
});

describe("with the ledger of a Vault that was configured,", () => {
  beforeEach(async () => {
    const { code, stderr } = await fixture.run("configure", files);
    expect(code, stderr).toBe(0);
  });

  it.each(config)("%s refuses, and leaves the ledger as it is", async (command) => {
    const before = await resourceVersion("vault-hooks-ledger");

    expectRefused(await runOnB(command));

    expect(await resourceVersion("vault-hooks-ledger")).toBe(before);
    expect([...proxy.tokens]).toEqual([]);
  });

  it("configure refuses by the cluster id when both are in the same StatefulSet", async () => {
    const outcome = await fixture.run("configure", files, `--address=${proxy.address}`);

    expect(outcome.code, outcome.stderr).toBe(4);
    expect(failure(outcome)["error"]).toContain("but the keys were recorded for cluster");
    expect([...proxy.tokens]).toEqual([]);
  });

  const ofOldVersion = { namespace: null, name: null, clusterId: null, statefulSet: "uid-of-a" };
  it.each([
    ["there is no record of init", "configure", undefined],
    ["there is no record of init", "plan", undefined],
    ["an old record does not say whose it is", "configure", ofOldVersion],
    ["an old record does not say whose it is", "plan", ofOldVersion],
  ] as const)("when %s, %s refuses by the ledger, and sends no token", async (_, command, record) => {
    if (record === undefined) await kubectl("delete", "configmap", "vault-init-record");
    else await patchRecord(record);
    await storeRootToken(await createRootTokenOfB());
    const before = await resourceVersion("vault-hooks-ledger");

    const outcome = await runOnB(command);

    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(4);
    expect(failure(outcome)["error"]).toContain("Secret vault-custody/vault-hooks-ledger belongs to the Vault with");
    expect(proxy.requests.filter((request) => !/^GET sys\/(seal-status|health|leader)$/.test(request))).toEqual([]);
    expect([...proxy.tokens]).toEqual([]);
    expect(before).not.toBe("");
    expect(await resourceVersion("vault-hooks-ledger")).toBe(before);
    expect((await fixture.secret("vault-root-token"))?.["token"]).toMatch(/^hvs\./);
  });

  it.each([
    ["there is no record of init", undefined],
    ["an old record does not say whose it is", ofOldVersion],
  ])("configure keeps a root token that Vault does not know when %s", async (_, record) => {
    if (record === undefined) await kubectl("delete", "configmap", "vault-init-record");
    else await patchRecord(record);
    await kubectl("delete", "secret", "vault-hooks-ledger");
    await storeRootToken(await createRootTokenOfB());
    const first = await runOnB("configure");
    await storeRootToken("hvs.of-another-vault");

    const again = await runOnB("configure");

    for (const { code, stdout, stderr } of [first, again]) expect(code, stdout + stderr).toBe(0);
    expect(again.stderr).toContain("a root token that this Vault does not know");
    expect((await fixture.secret("vault-root-token"))?.["token"]).toBe("hvs.of-another-vault");
  });
});
