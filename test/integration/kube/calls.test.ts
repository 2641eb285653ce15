import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Kube } from "../../../src/kube/kube.ts";
import { redact } from "../../../src/redact.ts";
import { createFakeStatefulSet, type FakeStatefulSet } from "../../helpers/fake-statefulset.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { connect, failure } from "./setup.ts";

let server: KubeServer;
let fake: FakeStatefulSet;
let kube: Kube;
const custody = "vault-custody";

beforeAll(async () => {
  server = await startKube();
  fake = await createFakeStatefulSet(server);
  kube = await connect(server.kubeconfig, 200_000);
});
afterAll(async () => await server?.close());

const unscheduled = {
  phase: "Pending",
  conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes are available" }],
};

describe("the calls for the workload", () => {
  it("return the StatefulSet with all that is needed to reach its members", async () => {
    const found = await kube.statefulSet("vault", "vault");

    expect(found).toMatchObject({ name: "vault", replicas: 3, serviceName: "vault-internal", scheme: "http" });
    expect(found?.claimTemplates).toEqual(["data"]);
    expect(found?.selector).toMatchObject({ component: "server" });
  });

  it("return undefined for a StatefulSet that does not exist", async () => {
    expect(await kube.statefulSet("vault", "other")).toBeUndefined();
    expect(await kube.statefulSet("nowhere", "vault")).toBeUndefined();
  });

  it("return https when VAULT_ADDR of the StatefulSet has it", async () => {
    await server.apply(tlsStatefulSet);

    expect((await kube.statefulSet("default", "tls"))?.scheme).toBe("https");
  });

  it("list pods and claims with their UIDs", async () => {
    const pods = await kube.pods("vault");
    const claims = await kube.claims("vault");

    expect(pods.map((pod) => [pod.name, pod.phase, pod.ip, pod.reason, pod.deleting])).toEqual(
      [0, 1, 2].map((i) => [`vault-${i}`, "Running", "127.0.0.1", undefined, false]),
    );
    expect(claims.map((claim) => claim.name)).toEqual(["data-vault-0", "data-vault-1", "data-vault-2"]);
    expect(new Set([...pods, ...claims].map((each) => each.uid)).size).toBe(6);
  });

  it.each([
    ["ImagePullBackOff: no such image", waiting("ImagePullBackOff", "no such image")],
    ["CrashLoopBackOff: exit code 2", waiting("CrashLoopBackOff", undefined, 2)],
    ["Unschedulable: 0/1 nodes are available", unscheduled],
    ["Evicted: disk pressure", { phase: "Failed", reason: "Evicted", message: "disk pressure" }],
  ])("return why a pod does not run: %s", async (reason, status) => {
    await fake.setPodStatus(2, status);

    const pod = (await kube.pods("vault")).find((each) => each.name === "vault-2");

    expect(pod?.reason).toBe(reason);
    expect(pod?.unschedulable).toBe(status === unscheduled);
  });

  it("delete a pod and a claim only by their UID", async () => {
    const [pod] = await kube.pods("vault");
    const [claim] = await kube.claims("vault");

    await kube.deletePod("vault", "vault-0", "another-uid");
    await kube.deleteClaim("vault", "data-vault-0", "another-uid");
    const before = [(await kube.pods("vault")).length, (await kube.claims("vault")).length];
    await kube.deletePod("vault", "vault-0", pod?.uid ?? "");
    await kube.deleteClaim("vault", "data-vault-0", claim?.uid ?? "");
    await kube.deletePod("vault", "vault-0", pod?.uid ?? "");

    expect(before).toEqual([3, 3]);
    expect([(await kube.pods("vault")).length, (await kube.claims("vault")).length]).toEqual([2, 2]);
    await fake.addPod(0);
  });
});

describe("Secrets", () => {
  it("are created once, never overwritten, and read back decoded", async () => {
    const data = { share: "a share with ünicode\n", empty: "" };

    const first = await kube.createSecret(custody, { name: "once", data, immutable: true });
    const second = await kube.createSecret(custody, { name: "once", data: { share: "other" } });

    expect(first?.data).toEqual(data);
    expect(second).toBeUndefined();
    expect(await kube.secret(custody, "once")).toEqual(first);
    expect((await server.core.readNamespacedSecret({ namespace: custody, name: "once" })).immutable).toBe(true);
  });

  it("are not stored by a dry run", async () => {
    const stored = await kube.createSecret(custody, { name: "dry", data: { a: "b" } }, true);

    expect(stored?.data).toEqual({ a: "b" });
    expect(await kube.secret(custody, "dry")).toBeUndefined();
  });

  it("are redacted in all output once they were read, created or added to", async () => {
    await server.apply(
      `{apiVersion: v1, kind: Secret, metadata: {name: seen, namespace: ${custody}}, stringData: {k: was-read-1}}`,
    );
    await kube.secret(custody, "seen");
    await kube.createSecret(custody, { name: "created", data: { k: "was-created-1" } });
    await kube.addToSecret(custody, "created", { more: "was-added-1" });

    expect(redact("was-read-1 was-created-1 was-added-1")).toBe("[redacted] [redacted] [redacted]");
  });

  it("keep their keys when others are added", async () => {
    await kube.createSecret(custody, { name: "growing", data: { a: "first" } });

    const grown = await kube.addToSecret(custody, "growing", { b: "second" });

    expect(grown?.data).toEqual({ a: "first", b: "second" });
    expect(await kube.addToSecret(custody, "absent", { b: "second" })).toBeUndefined();
  });

  it("stay unchanged when keys are added for an outdated resourceVersion", async () => {
    await server.apply(
      `{apiVersion: v1, kind: Secret, metadata: {name: contended, namespace: ${custody}, labels: {mine: yes-it-is}}}`,
    );
    const read = await kube.secret(custody, "contended");

    const first = await kube.addToSecret(custody, "contended", { a: "first" }, read?.resourceVersion);
    const late = await kube.addToSecret(custody, "contended", { a: "late" }, read?.resourceVersion);

    expect(first?.resourceVersion).not.toBe(read?.resourceVersion);
    expect(late).toBeUndefined();
    expect((await kube.secret(custody, "contended"))?.data).toEqual({ a: "first" });
    const { metadata } = await server.core.readNamespacedSecret({ namespace: custody, name: "contended" });
    expect(metadata?.labels).toEqual({ mine: "yes-it-is" });
  });

  it("are deleted by their UID, or by name alone when none is given", async () => {
    const made = await kube.createSecret(custody, { name: "doomed", data: {} });

    expect(await kube.deleteSecret(custody, "doomed", "another-uid")).toBe(false);
    expect(await kube.deleteSecret(custody, "doomed", made?.uid, true)).toBe(true);
    expect(await kube.deleteSecret(custody, "doomed", undefined, true)).toBe(true);
    expect(await kube.secret(custody, "doomed")).toBeDefined();
    expect(await kube.deleteSecret(custody, "doomed", made?.uid)).toBe(true);
    expect(await kube.deleteSecret(custody, "doomed", undefined)).toBe(false);
  });

  it("cannot be created in a missing namespace, which the error names", async () => {
    const error = await failure(kube.createSecret("nowhere", { name: "x", data: {} }));

    expect(error).toMatchObject({ exitCode: 3 });
    expect(error.message).toBe('create Secret x in namespace nowhere: namespaces "nowhere" not found');
  });
});

describe("a namespace that is being deleted", () => {
  it("is reported as such, and not as denied", async () => {
    await server.kubectl(["create", "namespace", "going"]);
    await server.kubectl(["delete", "namespace", "going", "--wait=false"]);

    const error = await failure(kube.createSecret("going", { name: "x", data: {} }));

    expect(error).toMatchObject({ exitCode: 3, todo: expect.stringContaining("until the namespace is gone") });
  });
});

describe("ConfigMaps", () => {
  it("are created once, and replaced only if unchanged since they were read", async () => {
    expect(await kube.createConfigMap(custody, "record", { a: "1" }, true)).toBe(true);
    expect(await kube.configMap(custody, "record")).toBeUndefined();
    expect(await kube.createConfigMap(custody, "record", { a: "1" })).toBe(true);
    expect(await kube.createConfigMap(custody, "record", { a: "2" })).toBe(false);
    await server.kubectl(["annotate", "configmap", "record", "-n", custody, "kept=yes"]);
    const read = await kube.configMap(custody, "record");
    if (read === undefined) throw new Error("the record is gone");

    expect(await kube.replaceConfigMap(custody, { ...read, data: { b: "3" } })).toBe(true);
    expect(await kube.replaceConfigMap(custody, { ...read, data: { c: "4" } })).toBe(false);
    const stored = await server.core.readNamespacedConfigMap({ namespace: custody, name: "record" });
    expect(stored.data).toEqual({ b: "3" });
    expect(stored.metadata?.annotations).toMatchObject({ kept: "yes" });
  });
});

describe("the calls for namespaces and tokens", () => {
  it("create missing objects, with the restricted Pod Security level, and leave existing ones", async () => {
    await kube.ensureNamespace("made-here");
    await kube.ensureNamespace("made-here");
    await kube.ensureServiceAccount("made-here", "account");
    await kube.ensureServiceAccount("made-here", "account");

    const made = await server.core.readNamespace({ name: "made-here" });
    const account = await server.core.readNamespacedServiceAccount({ namespace: "made-here", name: "account" });
    expect(made.metadata?.labels).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
    expect(account.automountServiceAccountToken).toBe(false);
  });

  it("return a token for the audience, and redact it in all output", async () => {
    await kube.ensureServiceAccount("default", "account");

    const token = await kube.token("default", "account", "vault-hooks", 600);

    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    expect(claims).toMatchObject({ aud: ["vault-hooks"], sub: "system:serviceaccount:default:account" });
    expect(redact(`the token is ${token}`)).toBe("the token is [redacted]");
  });

  it("report which ServiceAccount is missing", async () => {
    const error = await failure(kube.token("default", "absent", "vault-hooks", 600));

    expect(error).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('serviceaccounts "absent" not found'),
    });
  });
});

function waiting(reason: string, message: string | undefined, exitCode?: number): object {
  const lastState = exitCode === undefined ? {} : { terminated: { exitCode, reason: "Error" } };
  const state = { waiting: { reason, message } };
  const container = { name: "vault", ready: false, restartCount: 1, image: "vault", imageID: "", state, lastState };
  return { phase: "Pending", containerStatuses: [container] };
}

const tlsStatefulSet = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: tls, namespace: default}
spec:
  serviceName: tls-internal
  selector: {matchLabels: {app: tls}}
  template:
    metadata: {labels: {app: tls}}
    spec: {containers: [{name: vault, image: vault, env: [{name: VAULT_ADDR, value: "https://127.0.0.1:8200"}]}]}
`;
