import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectKube } from "../../../src/kube/client.ts";
import type { Kube } from "../../../src/kube/kube.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { connect, failure, settingsFor } from "./setup.ts";

let server: KubeServer;
let dir: string;
const kubeDefaults = { files: [], inCluster: false, home: undefined };

beforeAll(async () => {
  server = await startKube();
  dir = await tempDir("kubeconfigs");
  await server.apply(account);
});
afterAll(async () => {
  await server?.close();
  await rm(dir, { recursive: true, force: true });
});

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(dir, name), text);
  return join(dir, name);
}

describe("a missing right", () => {
  let kube: Kube;
  beforeAll(async () => {
    kube = await connect(await server.kubeconfigFor("default", "weak"));
  });

  it.each<[string, (kube: Kube) => Promise<unknown>, string]>([
    ["get StatefulSet s in namespace default", (k) => k.statefulSet("default", "s"), '"get" on statefulsets.apps "s"'],
    ["list Pods in namespace default", (k) => k.pods("default"), '"list" on pods'],
    [
      "list PersistentVolumeClaims in namespace default",
      (k) => k.claims("default"),
      '"list" on persistentvolumeclaims',
    ],
    ["delete Pod p in namespace default", (k) => k.deletePod("default", "p", "u"), '"delete" on pods "p"'],
    ["get Secret x in namespace default", (k) => k.secret("default", "x"), '"get" on secrets "x"'],
    [
      "create Secret x in namespace default",
      (k) => k.createSecret("default", { name: "x", data: {} }),
      '"create" on secrets',
    ],
    ["patch Secret x in namespace default", (k) => k.addToSecret("default", "x", {}), '"patch" on secrets "x"'],
    [
      "delete Secret x in namespace default",
      (k) => k.deleteSecret("default", "x", undefined, true),
      '"delete" on secrets "x"',
    ],
    ["get ConfigMap x in namespace default", (k) => k.configMap("default", "x"), '"get" on configmaps "x"'],
    ["create ConfigMap x in namespace default", (k) => k.createConfigMap("default", "x", {}), '"create" on configmaps'],
    ["get Namespace x", (k) => k.ensureNamespace("x"), '"get" on namespaces "x"'],
    [
      "get ServiceAccount x in namespace default",
      (k) => k.ensureServiceAccount("default", "x"),
      '"get" on serviceaccounts "x"',
    ],
    [
      "create token of ServiceAccount x in namespace default",
      (k) => k.token("default", "x", "a", 600),
      '"create" on serviceaccounts/token',
    ],
    [
      "get Lease l in namespace default",
      (k) => k.underLease("default", "l", AbortSignal.timeout(5000), async () => 1),
      '"get" on leases.coordination.k8s.io "l"',
    ],
  ])("is named, together with the ServiceAccount: %s", async (subject, act, right) => {
    const error = await failure(act(kube));

    expect(error.exitCode).toBe(5);
    expect(error.message).toMatch(new RegExp(`^${subject}: Kubernetes denied it: `));
    expect(error.todo).toContain(`Give ServiceAccount weak of namespace default the permission ${right}`);
  });

  it("is reported by a dry run, other than a missing object", async () => {
    const strong = await connect(await server.kubeconfigFor("default", "deleter"));

    expect(await strong.deleteSecret("default", "allowed", undefined, true)).toBe(false);
    expect(await failure(strong.deleteSecret("default", "other", undefined, true))).toMatchObject({ exitCode: 5 });
  });

  it("is named for a forwarded port before the first connection", async () => {
    const error = await failure(kube.forward("default", "vault-0", 8200));

    expect(error).toMatchObject({ exitCode: 5, message: expect.stringContaining("forward a port to Pod vault-0") });
    expect(error.todo).toContain("pods/portforward");
  });
});

describe("a forwarded port to a pod that does not answer", () => {
  it("ends each connection and stays open", async () => {
    const kube = await connect(server.kubeconfig);
    const forward = await kube.forward("default", "nobody-0", 8200);

    const tries = await Promise.allSettled([1, 2, 3].map(() => fetch(`http://127.0.0.1:${forward.port}/`)));

    expect(tries.map((each) => each.status)).toEqual(["rejected", "rejected", "rejected"]);
    await forward.close();
  });
});

describe("a kubeconfig", () => {
  it("is named by the error when it does not exist", async () => {
    const error = await failure(connect("/nonexistent/config"));

    expect(error).toMatchObject({ exitCode: 2, message: "kubeconfig /nonexistent/config: no such file" });
    expect(error.todo).toContain("--kubeconfig");
  });

  it("is refused when it lacks the context, with the nearest name", async () => {
    const error = await failure(connectKube(settingsFor(server.kubeconfig, { context: "tset" }), deadlineIn(5000)));

    expect(error).toMatchObject({ exitCode: 2, todo: "Did you mean test?" });
    expect(error.message).toContain('--context: found context "tset"');
  });

  it("is refused when it is not YAML, without the token beside the mistake", async () => {
    const broken = await file("broken", "users:\n- name: u\n  user: {token: sesame-12345}}\nclusters: [\n");

    const error = await failure(connect(broken));

    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining("it is not YAML") });
    expect(error.message).not.toContain("sesame");
  });

  it.each([
    ["{}", "it has no current context"],
    ["just a string", "it has no current context"],
    ["", "it is not YAML: expected a document"],
    ["null", "it is not a kubeconfig"],
    [
      "{current-context: a, contexts: [{name: a, context: {cluster: b, user: c}}]}",
      "names a cluster that is not in it",
    ],
    [kubeconfigWith("server: 10.0.0.1"), 'found server "10.0.0.1"'],
  ])("with text %j is refused: %s", async (text, message) => {
    const error = await failure(connect(await file("useless", text)));

    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
  });

  it("fails after ten seconds, not at the deadline, when no server listens at its address", async () => {
    const kube = await connect(await file("nowhere", kubeconfigWith('server: "https://127.9.9.9:6443"')), 60_000);
    const started = Date.now();

    const error = await failure(kube.pods("default"));

    expect(error).toMatchObject({ exitCode: 3 });
    expect(error.message).toMatch(
      /list Pods in namespace default: no answer from https:\/\/127\.9\.9\.9:6443: .*ECONNREFUSED/,
    );
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  it("is refused when it does not trust the server's certificate", async () => {
    const kube = await connect(await file("untrusted", kubeconfigWith(`server: "${server.url}"`)));

    const error = await failure(kube.pods("default"));

    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining("certificate") });
  });

  it("is refused when the server does not know its token", async () => {
    const ca = Buffer.from(server.ca).toString("base64");
    const stale = kubeconfigWith(`server: "${server.url}", certificate-authority-data: ${ca}`);

    const error = await failure((await connect(await file("stale", stale))).pods("default"));

    expect(error).toMatchObject({ exitCode: 5, message: expect.stringContaining("does not accept the credentials") });
  });
});

describe("the choice of the kubeconfig", () => {
  it("takes KUBECONFIG, skips missing files, and uses the first definition of a name", async () => {
    const other = await file(
      "other",
      kubeconfigWith('server: "https://127.0.0.1:1"').replace("current-context: test,", ""),
    );
    const files = [join(dir, "missing"), server.kubeconfig, other];

    const kube = await connectKube(
      settingsFor(undefined, { kubeDefaults: { ...kubeDefaults, files } }),
      deadlineIn(5000),
    );

    expect(await kube.pods("default")).toEqual([]);
    expect(kube.inCluster).toBe(false);
  });

  it("fails with a hint when there is none", async () => {
    const none = await failure(connectKube(settingsFor(undefined), deadlineIn(5000)));
    const missing = { ...kubeDefaults, files: [join(dir, "missing")] };
    const wrong = await failure(connectKube(settingsFor(undefined, { kubeDefaults: missing }), deadlineIn(5000)));

    expect(none).toMatchObject({ exitCode: 2, message: "find the cluster: there is no kubeconfig" });
    expect(wrong).toMatchObject({ exitCode: 2, message: expect.stringContaining("KUBECONFIG: found") });
  });
});

function kubeconfigWith(cluster: string): string {
  return `{current-context: test, clusters: [{name: test, cluster: {${cluster}}}], users: [{name: test, user: {token: unknown-token}}], contexts: [{name: test, context: {cluster: test, user: test}}]}`;
}

const account = `
{apiVersion: v1, kind: ServiceAccount, metadata: {name: weak, namespace: default}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: deleter, namespace: default}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: deleter, namespace: default}
rules: [{apiGroups: [""], resources: [secrets], verbs: [delete], resourceNames: [allowed]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: deleter, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deleter}
subjects: [{kind: ServiceAccount, name: deleter, namespace: default}]
`;
