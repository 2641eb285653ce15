import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../../../esbuild.config.ts";
import * as fullClient from "../../../src/kube/client-node.ts";
import { projectDir } from "../../cluster/paths.ts";
import { createFakeStatefulSet } from "../../helpers/fake-statefulset.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

type Client = typeof fullClient;

let server: KubeServer;
let dir: string;
let bundled: Client;

beforeAll(async () => {
  [server, dir] = await Promise.all([startKube(), tempDir("bundle")]);
  await bundle(join(projectDir, "src/kube/client-node.ts"), dir);
  bundled = createRequire(import.meta.url)(join(dir, "program.cjs")) as Client;
  await createFakeStatefulSet(server, { replicas: 1 });
  await server.apply(lease);
});
afterAll(async () => {
  await server?.close();
  await rm(dir, { recursive: true, force: true });
});

const lease = `
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: { name: l, namespace: vault }
spec: { holderIdentity: me, acquireTime: "2026-01-02T03:04:05.678901Z", leaseDurationSeconds: 15 }
`;
const namespace = "vault";

describe("the bundled Kubernetes client", () => {
  it.each<[string, (client: Client) => Promise<object>]>([
    ["a StatefulSet", (c) => api(c, c.AppsV1Api).readNamespacedStatefulSet({ namespace, name: "vault" })],
    ["a Pod with its status", (c) => api(c, c.CoreV1Api).readNamespacedPod({ namespace, name: "vault-0" })],
    ["a list of claims", (c) => api(c, c.CoreV1Api).listNamespacedPersistentVolumeClaim({ namespace })],
    ["a Namespace", (c) => api(c, c.CoreV1Api).readNamespace({ name: namespace })],
    ["a Lease with its times", (c) => api(c, c.CoordinationV1Api).readNamespacedLease({ namespace, name: "l" })],
  ])("reads %s like the full client", async (_, read) => {
    expect(typed(await read(bundled))).toEqual(typed(await read(fullClient)));
  });

  it.each<[string, () => Client]>([
    ["the bundled", () => bundled],
    ["the full", () => fullClient],
  ])("and the full one write only known fields: %s client", async (name, client) => {
    const written = name.replaceAll(" ", "-");
    const spec = { acquireTime: new (client().V1MicroTime)("2026-02-03T04:05:06.789Z"), nonsense: "dropped" };
    const body = { metadata: { name: written }, spec };
    // strict validation fails if the serializer passes unknown fields through
    const leases = api(client(), client().CoordinationV1Api);
    await leases.createNamespacedLease({ namespace, body, fieldValidation: "Strict" });

    const time = await server.kubectl(["-n", namespace, "get", "lease", written, "-o=jsonpath={.spec.acquireTime}"]);
    expect(time).toContain("2026-02-03T04:05:06.789");
  });
});

function api<T extends Parameters<InstanceType<Client["KubeConfig"]>["makeApiClient"]>[0]>(client: Client, of: T) {
  const config = new client.KubeConfig();
  config.loadFromFile(server.kubeconfig);
  return config.makeApiClient(of) as InstanceType<T>;
}

/** Adds each object's class name: objects unknown to the serializer stay plain JSON. */
function typed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(typed);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, each]) => [key, typed(each)]);
  return {
    class: value.constructor.name,
    value: value instanceof Date ? value.toISOString() : Object.fromEntries(fields),
  };
}
