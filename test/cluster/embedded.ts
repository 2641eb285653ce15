import { buildImage } from "../image/build.ts";
import { ensureChartServer } from "./chart-server.ts";
import { removeCluster } from "./cleanup.ts";
import { ensureGitServer } from "./git-server.ts";
import { ensureHost } from "./host.ts";
import { ensureImages, loadImage } from "./images.ts";
import { ensureApiServer, ensureContainerd, ensureNode } from "./kubernetes.ts";
import { ensureNetwork, refuseForeignCluster } from "./network.ts";
import { processRuns } from "./processes.ts";
import { step } from "./progress.ts";
import { ensureServers } from "./servers.ts";
import { ensureStorage } from "./storage.ts";

/**
 * Brings the embedded cluster up: node, storage, images, git and chart server, but not Argo CD. Skips the parts that exist
 * already, so that it also continues after a crash.
 *
 * @throws Error when this machine cannot run it, see {@link ensureHost} and {@link refuseForeignCluster}
 */
export async function ensureEmbedded(): Promise<void> {
  await ensureHost();
  await ensureServers();
  if (!(await processRuns("kube-proxy"))) await refuseForeignCluster();
  await step("node: network, containerd, etcd, Kubernetes", async (report) => {
    report("network");
    await ensureNetwork();
    report("containerd");
    await ensureContainerd();
    report("etcd and API server");
    await ensureApiServer();
    report("kubelet");
    await ensureNode();
    report("storage class");
    await ensureStorage();
    report("ready");
  });
  await ensureImages();
  const { ref, archive } = await buildImage();
  await loadImage(ref, archive);
  await step("git and chart server", async () => {
    await ensureGitServer();
    await ensureChartServer();
  });
}

/** Removes the embedded cluster; images and logs stay in the cache. */
export async function removeEmbedded(): Promise<void> {
  await step("removing the cluster", removeCluster);
}
