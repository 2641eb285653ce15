import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { changes, expectCode, expectNoSecrets, failure, type Ground, secretValues, startGround } from "./fixture.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.close());

type Status = {
  healthy: boolean;
  pods: { pod: string; sealed: boolean; role: string; cluster: string }[];
};

describe("a fresh Vault of three members", () => {
  beforeEach(() => ground.reset());

  it.each([
    ["five shares of which three open it", "5", "3"],
    ["one share", "1", "1"],
  ])("comes up by init, unseal and join: %s", async (_, shares, threshold) => {
    const outcomes = [
      await ground.run("init", `--shares=${shares}`, `--threshold=${threshold}`),
      await ground.run("unseal"),
      await ground.run("join"),
    ];
    const status = await ground.run("status");

    for (const outcome of outcomes) expectCode(outcome, 0);
    expectCode(status, 0);
    const { healthy, pods } = JSON.parse(status.stdout) as Status;
    expect(healthy).toBe(true);
    expect(pods.map(({ pod, role }) => `${pod} ${role}`).sort()).toEqual([
      "vault-0 leader",
      "vault-1 follower",
      "vault-2 follower",
    ]);
    const record = await ground.record();
    expect(new Set(pods.map(({ cluster }) => cluster))).toEqual(new Set([record["clusterId"]]));
    const values = await secretValues(ground);
    for (const outcome of [...outcomes, status]) expectNoSecrets(outcome, values);
  });

  it("has its keys and its root token in two Secrets, and no journal", async () => {
    await ground.bringUp();

    expect(await ground.custodyNames()).toEqual(["secret/vault-root-token", "secret/vault-unseal-keys"]);
    const keys = await ground.secret("vault-unseal-keys");
    const record = await ground.record();
    expect(Object.keys(keys ?? {}).sort()).toEqual(
      ["created", "fingerprint", "share-0", "share-1", "share-2", "share-3", "share-4", "shares", "threshold"].sort(),
    );
    expect(keys?.["fingerprint"]).toBe(`sha256:${record["fingerprint"]}`);
    const token = (await ground.secret("vault-root-token"))?.["token"] ?? "";
    const self = await fetch(`${ground.vaults.addresses[0]}/v1/auth/token/lookup-self`, {
      headers: { "X-Vault-Token": token },
    });
    expect(self.status).toBe(200);
  });
});

/** May look at the pods of Vault, and at nothing else. */
const onlyLooks = `
{apiVersion: v1, kind: ServiceAccount, metadata: {name: onlooker, namespace: vault}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: onlooker, namespace: vault}
rules:
  - {apiGroups: [apps], resources: [statefulsets], verbs: [get], resourceNames: [vault]}
  - {apiGroups: [""], resources: [pods], verbs: [list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: onlooker, namespace: vault}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: onlooker}
subjects: [{kind: ServiceAccount, name: onlooker, namespace: vault}]
`;

describe("a Vault that is up", () => {
  beforeAll(async () => {
    await ground.reset();
    await ground.bringUp();
  });

  it.each(["init", "unseal", "join"])("is not changed by %s again", async (command) => {
    const before = await ground.record();

    const outcome = await ground.run(command);

    expectCode(outcome, 0);
    expect(changes(outcome)).toEqual([]);
    expect(await ground.record()).toEqual(before);
  });

  it("is opened again after all pods were restarted, member by member", async () => {
    await ground.restart();

    const sealed = await ground.run("status");
    const outcome = await ground.run("unseal");
    const joined = await ground.run("join");

    expectCode(sealed, 3);
    expectCode(outcome, 0);
    expect(changes(outcome)).toEqual(["unsealed vault-0", "unsealed vault-1", "unsealed vault-2"]);
    expectCode(joined, 0);
    expect(changes(joined)).toEqual([]);
    expectCode(await ground.run("status"), 0);
  });

  it("takes a member back whose volume was wiped", async () => {
    await ground.vaults.kill(2);
    await ground.vaults.wipe(2);
    await ground.vaults.start(2);

    const again = await ground.run("init");
    const outcome = await ground.run("join");

    expect(changes(again)).toEqual([]);
    expectCode(outcome, 0);
    expect(changes(outcome)).toEqual(["joined vault-2"]);
    expectCode(await ground.run("status"), 0);
  });

  it("is opened by two runs at the same time", async () => {
    await ground.restart();

    const outcomes = await Promise.all([ground.run("unseal"), ground.run("unseal")]);

    for (const outcome of outcomes) expectCode(outcome, 0);
    expect(outcomes.flatMap(changes).sort()).toEqual(["unsealed vault-0", "unsealed vault-1", "unsealed vault-2"]);
  });

  it("does not take a member back that was removed: it says what to do", async () => {
    expectCode(await ground.run("join"), 0);
    const token = (await ground.secret("vault-root-token"))?.["token"] ?? "";
    const headers = { "X-Vault-Token": token };
    const status = JSON.parse((await ground.run("status")).stdout) as Status;
    const leader = status.pods.findIndex(({ role }) => role === "leader");
    const removed = leader === 2 ? 1 : 2;
    const url = `${ground.vaults.addresses[leader]}/v1/sys/storage/raft/remove-peer`;
    await fetch(url, { method: "POST", headers, body: JSON.stringify({ server_id: `vault-${removed}` }) });

    const outcome = await ground.run("join");

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain(`vault-${removed} was removed from the Raft cluster`);
    await ground.vaults.kill(removed);
    await ground.vaults.wipe(removed);
    await ground.vaults.start(removed);
    expectCode(await ground.run("join"), 0);
  });

  it("is not healthy while a member does not say who leads: it passes for no single server", async () => {
    ground.proxies[1]?.fault({ status: 500 }, { path: /^sys\/leader$/ });

    const outcome = await ground.run("status");
    ground.proxies[1]?.heal();

    expectCode(outcome, 3);
    const { healthy, pods } = JSON.parse(outcome.stdout) as Status;
    expect(healthy).toBe(false);
    expect(pods.map(({ role }) => role)).not.toContain("standalone");
  });

  it("is shown to who may see its pods alone, and has no right in custody", async () => {
    expectCode(await ground.run("join"), 0);
    await ground.kube.apply(onlyLooks);
    const onlooker = `--kubeconfig=${await ground.kube.kubeconfigFor("vault", "onlooker")}`;

    const outcome = await ground.run("status", onlooker);

    expectCode(outcome, 0);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      healthy: true,
      pods: [{ pod: "vault-0", sealed: false, voter: null }, {}, {}],
    });
  });

  it("is shown to a person as a table", async () => {
    expectCode(await ground.run("join"), 0);

    const { stdout } = await ground.run("status", "--output=table");

    const [head, ...rows] = stdout.trim().split("\n");
    expect(head).toMatch(/^POD +INITIALISED +SEALED +ROLE +VOTER +VERSION +CLUSTER/);
    expect(rows).toHaveLength(3);
    expect(stdout).toMatch(/^vault-\d +yes +no +leader +/m);
  });
});
