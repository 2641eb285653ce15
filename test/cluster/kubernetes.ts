import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { address, nodeName, url } from "./addresses.ts";
import { apiServerArgs, controllerManagerArgs, nodeFiles } from "./node-config.ts";
import { containerdSocket, kubeconfig, stateDir } from "./paths.ts";
import { ensurePki, kubeconfigOf } from "./pki.ts";
import { ensureProcess, untilAnswers } from "./processes.ts";
import { attempt } from "./run.ts";
import { serverPath } from "./servers.ts";

/** Starts containerd alone, so that images can be loaded before the node is ready. */
export async function ensureContainerd(): Promise<void> {
  for (const [name, text] of Object.entries(nodeFiles())) {
    const file = join(stateDir, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await start("containerd", "containerd", ["-c", join(stateDir, "containerd.toml")]);
  await ready("containerd", async () => (await attempt("ctr", ["-a", containerdSocket, "version"])).code === 0);
}

/** Starts etcd and the API server, and waits until the API server is ready. */
export async function ensureApiServer(): Promise<void> {
  await ensurePki();
  await start("etcd", "etcd", [
    `--data-dir=${join(stateDir, "etcd")}`,
    `--listen-client-urls=${url.etcd}`,
    `--advertise-client-urls=${url.etcd}`,
    `--listen-peer-urls=${url.etcdPeer}`,
    `--initial-advertise-peer-urls=${url.etcdPeer}`,
    `--initial-cluster=default=${url.etcdPeer}`,
  ]);
  await start("kube-apiserver", serverPath("kube-apiserver"), apiServerArgs());
  const probe = [`--kubeconfig=${kubeconfig}`, "get", "--raw", "/readyz"];
  await ready("kube-apiserver", async () => (await attempt(serverPath("kubectl"), probe)).code === 0);
}

/** Starts the controllers, DNS and the kubelet, and waits until the node is ready. Requires containerd and the API server. */
export async function ensureNode(): Promise<void> {
  await start("kube-controller-manager", serverPath("kube-controller-manager"), controllerManagerArgs());
  await start("kube-scheduler", serverPath("kube-scheduler"), [
    `--kubeconfig=${kubeconfigOf("scheduler")}`,
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    // When a claim is bound while the scheduler is trying its pod, the pod waits for the next flush: five minutes by default.
    "--pod-max-in-unschedulable-pods-duration=5s",
  ]);
  await start("kube-proxy", serverPath("kube-proxy"), [`--config=${join(stateDir, "proxy.yaml")}`]);
  await start("coredns", serverPath("coredns"), ["-conf", join(stateDir, "Corefile")]);
  await start("kubelet", serverPath("kubelet"), [
    `--config=${join(stateDir, "kubelet.json")}`,
    `--kubeconfig=${kubeconfigOf("kubelet")}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${address.node}`,
    `--root-dir=${join(stateDir, "kubelet")}`,
  ]);
  await ready("kubelet", async () => {
    const node = await attempt(serverPath("kubectl"), [`--kubeconfig=${kubeconfig}`, "get", "node", nodeName]);
    return /\bReady\b/.test(node.stdout);
  });
}

function start(name: string, command: string, args: readonly string[]): Promise<void> {
  return ensureProcess({ name, command, args });
}

/** Two minutes: on a loaded machine with two cores the API server took one. */
function ready(name: string, probe: () => Promise<boolean>): Promise<void> {
  return untilAnswers(name, 120_000, probe);
}
