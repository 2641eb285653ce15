import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { Agent, request } from "undici";
import { run } from "../cluster/run.ts";
import { binaries } from "./binaries.ts";
import { makeCa, makeCertificate, makeTokenKey } from "./certificates.ts";
import { freeBlock } from "./loopback.ts";
import type { PodView } from "./pod-view.ts";
import { launch, type ServerProcess } from "./server-process.ts";
import { tempDir } from "./temp-dir.ts";

/** A real API server with RBAC and a real etcd, without controllers, scheduler and kubelet. */
export type KubeServer = {
  readonly url: string;
  readonly ip: string;
  /** PEM certificate of the CA. */
  readonly ca: string;
  /** Path of the admin's kubeconfig. */
  readonly kubeconfig: string;
  /** The admin's client. */
  readonly core: CoreV1Api;
  readonly logFile: string;
  /** Runs kubectl as admin. @returns its standard output */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Creates or updates objects from YAML. */
  apply(yaml: string): Promise<void>;
  /** Creates a token for a ServiceAccount, which must exist; `audience` is the API server by default. */
  tokenFor(namespace: string, serviceAccount: string, audience?: string): Promise<string>;
  /** Writes a kubeconfig that logs in as the ServiceAccount. @param server another address. @returns its path */
  kubeconfigFor(namespace: string, serviceAccount: string, server?: string): Promise<string>;
  /** Returns the view of a pod with that ServiceAccount; `hosts` are more names and their addresses. */
  podViewFor(namespace: string, serviceAccount: string, hosts?: Record<string, string>): Promise<PodView>;
  /** The environment of a process in such a pod. */
  readonly podEnv: Readonly<Record<string, string>>;
  /** Ends the API server; etcd keeps running, with its data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

const issuer = "https://kubernetes.default.svc.cluster.local";
const port = 443;

/** Starts a new, empty API server and waits until it is ready. */
export async function startKube(): Promise<KubeServer> {
  const dir = await tempDir("kube");
  const block = await freeBlock(port);
  const ip = `${block}10`;
  const url = `https://${ip}:${port}`;
  const bin = await binaries("kube-apiserver", "kubectl");
  const ca = await makePki(dir, ip);
  const etcd = launch({ name: "etcd", command: bin.etcd, args: etcdArgs(dir, block), logFile: join(dir, "etcd.log") });
  const logFile = join(dir, "kube-apiserver.log");
  const kubeconfig = join(dir, "admin.kubeconfig");
  const admin = { cert: await readFile(join(dir, "admin.crt")), key: await readFile(join(dir, "admin.key")) };
  await writeKubeconfig(kubeconfig, url, ca, {
    "client-certificate-data": admin.cert.toString("base64"),
    "client-key-data": admin.key.toString("base64"),
  });
  let server: ServerProcess | undefined;

  async function start(): Promise<void> {
    const args = apiServerArgs(dir, ip, `http://${block}10:2379`);
    server = launch({ name: "kube-apiserver", command: bin["kube-apiserver"], args, logFile });
    await server.ready(() => isReady(url, ca, admin));
  }
  await start();
  const core = client(kubeconfig);
  const kubectl = (args: readonly string[], input?: string) =>
    run(bin.kubectl, [`--kubeconfig=${kubeconfig}`, ...args], input === undefined ? {} : { input });
  const tokenFor = async (namespace: string, name: string, audience?: string) => {
    const spec = { audiences: audience === undefined ? [] : [audience], expirationSeconds: 3600 };
    const { status } = await core.createNamespacedServiceAccountToken({ namespace, name, body: { spec } });
    return status?.token ?? "";
  };
  return {
    url,
    ip,
    ca,
    kubeconfig,
    core,
    logFile,
    kubectl,
    tokenFor,
    apply: async (yaml) => void (await kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], yaml)),
    async kubeconfigFor(namespace, name, server = url) {
      const file = join(dir, `${namespace}.${name}.${new URL(server).port || port}.kubeconfig`);
      await writeKubeconfig(file, server, ca, { token: await tokenFor(namespace, name) });
      return file;
    },
    async podViewFor(namespace, name, hosts = {}) {
      const account = "kubernetes.io/serviceaccount";
      return {
        hosts: { "kubernetes.default.svc": ip, ...hosts },
        secrets: {
          [`${account}/token`]: await tokenFor(namespace, name),
          [`${account}/ca.crt`]: ca,
          [`${account}/namespace`]: namespace,
          "vault-hooks/token": await tokenFor(namespace, name, "vault-hooks"),
        },
      };
    },
    podEnv: { KUBERNETES_SERVICE_HOST: ip, KUBERNETES_SERVICE_PORT: String(port) },
    start,
    stop: async () => await server?.end("SIGKILL"),
    async close() {
      await server?.end("SIGKILL");
      await etcd.end("SIGKILL");
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function makePki(dir: string, ip: string): Promise<string> {
  const ca = await makeCa(dir);
  await makeCertificate(dir, "apiserver", "/CN=kube-apiserver", `IP:${ip},DNS:kubernetes.default.svc`);
  await makeCertificate(dir, "admin", "/O=system:masters/CN=admin");
  await makeTokenKey(dir);
  return ca;
}

function etcdArgs(dir: string, block: string): string[] {
  const [client, peer] = [`http://${block}10:2379`, `http://${block}10:2380`];
  return [
    `--data-dir=${join(dir, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

/**
 * Disables two admission plugins whose controllers do not run here: ServiceAccount requires a `default` account in each
 * namespace, and StorageObjectInUseProtection puts finalizers on claims that nothing removes.
 */
function apiServerArgs(dir: string, ip: string, etcd: string): string[] {
  return [
    `--etcd-servers=${etcd}`,
    `--bind-address=${ip}`,
    `--secure-port=${port}`,
    "--advertise-address=192.0.2.1",
    "--endpoint-reconciler-type=none",
    "--service-cluster-ip-range=10.96.0.0/16",
    `--tls-cert-file=${join(dir, "apiserver.crt")}`,
    `--tls-private-key-file=${join(dir, "apiserver.key")}`,
    `--client-ca-file=${join(dir, "ca.crt")}`,
    `--service-account-key-file=${join(dir, "sa.pub")}`,
    `--service-account-signing-key-file=${join(dir, "sa.key")}`,
    `--service-account-issuer=${issuer}`,
    "--authorization-mode=RBAC",
    "--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection",
  ];
}

async function isReady(url: string, ca: string, admin: { cert: Buffer; key: Buffer }): Promise<boolean> {
  const dispatcher = new Agent({ connect: { ca, ...admin } });
  try {
    const response = await request(`${url}/readyz`, { dispatcher });
    await response.body.dump();
    return response.statusCode === 200;
  } finally {
    await dispatcher.destroy();
  }
}

function client(kubeconfig: string): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config.makeApiClient(CoreV1Api);
}

async function writeKubeconfig(file: string, server: string, ca: string, user: object): Promise<void> {
  // the client accepts a server without TLS, such as a proxy of a test, only if it need not check a certificate
  const trust = server.startsWith("http:")
    ? { "insecure-skip-tls-verify": true }
    : { "certificate-authority-data": Buffer.from(ca).toString("base64") };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    clusters: [{ name: "test", cluster: { server, ...trust } }],
    users: [{ name: "test", user }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
}
