import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { changes, expectCode, expectNoSecrets, type Fixture, failure, secretValues, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

type Status = {
  healthy: boolean;
  pods: { pod: string; sealed: boolean; role: string; cluster: string }[];
};

describe("a new Vault of three members", () => {
  beforeEach(() => fixture.reset());

  it.each([
    ["five shares with a threshold of three", "5", "3"],
    ["one share", "1", "1"],
  ])("is brought up by init, unseal and join: %s", async (_, shares, threshold) => {
    const outcomes = [
      await fixture.run("init", `--shares=${shares}`, `--threshold=${threshold}`),
      await fixture.run("unseal"),
      await fixture.run("join"),
    ];
    const status = await fixture.run("status");

    for (const outcome of outcomes) expectCode(outcome, 0);
    expectCode(status, 0);
    const { healthy, pods } = JSON.parse(status.stdout) as Status;
    expect(healthy).toBe(true);
    expect(pods.map(({ pod, role }) => `${pod} ${role}`).sort()).toEqual([
      "vault-0 leader",
      "vault-1 follower",
      "vault-2 follower",
    ]);
    const record = await fixture.record();
    expect(new Set(pods.map(({ cluster }) => cluster))).toEqual(new Set([record["clusterId"]]));
    const values = await secretValues(fixture);
    for (const outcome of [...outcomes, status]) expectNoSecrets(outcome, values);
  });

  it("has its keys and its root token in two Secrets, and no journal, after bring-up", async () => {
    await fixture.bringUp();

    expect(await fixture.custodyNames()).toEqual(["secret/vault-root-token", "secret/vault-unseal-keys"]);
    const keys = await fixture.secret("vault-unseal-keys");
    const record = await fixture.record();
    expect(Object.keys(keys ?? {}).sort()).toEqual(
      ["created", "fingerprint", "share-0", "share-1", "share-2", "share-3", "share-4", "shares", "threshold"].sort(),
    );
    expect(keys?.["fingerprint"]).toBe(`sha256:${record["fingerprint"]}`);
    const token = (await fixture.secret("vault-root-token"))?.["token"] ?? "";
    const self = await fetch(`${fixture.vaults.addresses[0]}/v1/auth/token/lookup-self`, {
      headers: { "X-Vault-Token": token },
    });
    expect(self.status).toBe(200);
  });
});

/** A ServiceAccount that may only read Vault's StatefulSet and pods. */
const podReader = `
{apiVersion: v1, kind: ServiceAccount, metadata: {name: pod-reader, namespace: vault}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pod-reader, namespace: vault}
rules:
  - {apiGroups: [apps], resources: [statefulsets], verbs: [get], resourceNames: [vault]}
  - {apiGroups: [""], resources: [pods], verbs: [list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: pod-reader, namespace: vault}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pod-reader}
subjects: [{kind: ServiceAccount, name: pod-reader, namespace: vault}]
`;

describe("a Vault after bring-up", () => {
  beforeAll(async () => {
    await fixture.reset();
    await fixture.bringUp();
  });

  it.each(["init", "unseal", "join"])("is not changed by another %s", async (command) => {
    const before = await fixture.record();

    const outcome = await fixture.run(command);

    expectCode(outcome, 0);
    expect(changes(outcome)).toEqual([]);
    expect(await fixture.record()).toEqual(before);
  });

  it("is unsealed member by member after all pods were restarted", async () => {
    await fixture.restart();

    const sealed = await fixture.run("status");
    const outcome = await fixture.run("unseal");
    const joined = await fixture.run("join");

    expectCode(sealed, 3);
    expectCode(outcome, 0);
    expect(changes(outcome)).toEqual(["unsealed vault-0", "unsealed vault-1", "unsealed vault-2"]);
    expectCode(joined, 0);
    expect(changes(joined)).toEqual([]);
    expectCode(await fixture.run("status"), 0);
  });

  it("lets a member whose volume was wiped join again", async () => {
    await fixture.vaults.kill(2);
    await fixture.vaults.wipe(2);
    await fixture.vaults.start(2);

    const again = await fixture.run("init");
    const outcome = await fixture.run("join");

    expect(changes(again)).toEqual([]);
    expectCode(outcome, 0);
    expect(changes(outcome)).toEqual(["joined vault-2"]);
    expectCode(await fixture.run("status"), 0);
  });

  it("is unsealed by two runs at the same time", async () => {
    await fixture.restart();

    const outcomes = await Promise.all([fixture.run("unseal"), fixture.run("unseal")]);

    for (const outcome of outcomes) expectCode(outcome, 0);
    expect(outcomes.flatMap(changes).sort()).toEqual(["unsealed vault-0", "unsealed vault-1", "unsealed vault-2"]);
  });

  it("does not let a removed member rejoin until its volume is wiped", async () => {
    expectCode(await fixture.run("join"), 0);
    const token = (await fixture.secret("vault-root-token"))?.["token"] ?? "";
    const headers = { "X-Vault-Token": token };
    const status = JSON.parse((await fixture.run("status")).stdout) as Status;
    const leader = status.pods.findIndex(({ role }) => role === "leader");
    const removed = leader === 2 ? 1 : 2;
    const url = `${fixture.vaults.addresses[leader]}/v1/sys/storage/raft/remove-peer`;
    await fetch(url, { method: "POST", headers, body: JSON.stringify({ server_id: `vault-${removed}` }) });

    const outcome = await fixture.run("join");

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain(`vault-${removed} was removed from the Raft cluster`);
    await fixture.vaults.kill(removed);
    await fixture.vaults.wipe(removed);
    await fixture.vaults.start(removed);
    expectCode(await fixture.run("join"), 0);
  });

  it("is reported as not healthy, and no member as standalone, while a member does not report its leader", async () => {
    fixture.proxies[1]?.fault({ status: 500 }, { path: /^sys\/leader$/ });

    const outcome = await fixture.run("status");
    fixture.proxies[1]?.clearFaults();

    expectCode(outcome, 3);
    const { healthy, pods } = JSON.parse(outcome.stdout) as Status;
    expect(healthy).toBe(false);
    expect(pods.map(({ role }) => role)).not.toContain("standalone");
  });

  it("is shown by status to a user who may read its pods and nothing in custody", async () => {
    expectCode(await fixture.run("join"), 0);
    await fixture.kube.apply(podReader);
    const asPodReader = `--kubeconfig=${await fixture.kube.kubeconfigFor("vault", "pod-reader")}`;

    const outcome = await fixture.run("status", asPodReader);

    expectCode(outcome, 0);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      healthy: true,
      pods: [{ pod: "vault-0", sealed: false, voter: null }, {}, {}],
    });
  });

  it("is shown by status as a table", async () => {
    expectCode(await fixture.run("join"), 0);

    const { stdout } = await fixture.run("status", "--output=table");

    const [head, ...rows] = stdout.trim().split("\n");
    expect(head).toMatch(/^POD +INITIALISED +SEALED +ROLE +VOTER +VERSION +CLUSTER/);
    expect(rows.filter((row) => row.startsWith("vault-"))).toHaveLength(3);
    expect(stdout).toMatch(/^vault-\d +yes +no +leader +/m);
  });
});
