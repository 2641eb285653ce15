import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildImage, imageRef } from "../../image/build.ts";
import { ensurePackages, missingPackages } from "../host.ts";
import { ensureImages, loadImage } from "../images.ts";
import { clusterName, projectDir, stateDir } from "../paths.ts";
import { startedProcesses, stopProcess } from "../processes.ts";
import { step } from "../progress.ts";
import { registryFailure } from "../registry.ts";
import { attempt, isInstalled, run } from "../run.ts";
import { ensureServers } from "../servers.ts";
import { ensureStorage } from "../storage.ts";
import { kindestNode } from "../versions.ts";
import { kindCluster, kindClusterExists, kindCommands, kindProgram } from "./commands.ts";
import { dockerState, ensureDocker, removeDocker } from "./docker.ts";
import { ensureNodeImage } from "./kind-node.ts";

/** How `make up` made the cluster; `make down` deletes only a cluster that has such a file. */
const madeFile = join(stateDir, "made-by-make-up.json");
type Made = {
  /** No registry was reached: images were made here and loaded, charts are served from the cluster. */
  readonly offline: boolean;
};

/**
 * Returns kind's configuration: one control plane and the workers that CLUSTER_WORKERS asks for. Pure.
 * @throws Error where that is no whole number from 0 to 9
 */
export function kindConfig(workers = "0"): string {
  if (!/^\d$/.test(workers))
    throw new Error(`CLUSTER_WORKERS: found "${workers}", expected a whole number from 0 to 9`);
  const roles = ["control-plane", ...Array.from({ length: Number(workers) }, () => "worker")];
  return JSON.stringify({
    apiVersion: "kind.x-k8s.io/v1alpha4",
    kind: "Cluster",
    nodes: roles.map((role) => ({ role })),
    // From 1.35 on, the kubelet refuses to start on cgroup v1 by default, which test machines may have.
    kubeadmConfigPatches: ["kind: KubeletConfiguration\nfailCgroupV1: false\n"],
  });
}

/**
 * Makes the kind cluster unless `make up` has made it, and loads the images that cannot be pulled.
 * @param wipe deletes it first
 * @throws Error at once where kind, Docker or a registry is missing, or a cluster of that name is somebody else's
 */
export async function ensureKind({ wipe = false }: { wipe?: boolean } = {}): Promise<void> {
  const config = kindConfig(process.env["CLUSTER_WORKERS"]);
  await mkdir(stateDir, { recursive: true });
  await ensureDocker();
  const kind = await kindProgram();
  let exists = kindClusterExists(await run(kind, kindCommands.list()));
  const known = await readMade();
  if (exists && known === undefined) throw new Error(foreignCluster);
  if (exists && wipe) {
    await deleteCluster(kind);
    exists = false;
  }
  const made = known ?? { offline: await isOffline() };
  if (made.offline) await prepareOffline();
  if (exists) await run(kind, kindCommands.exportKubeconfig());
  else await create(kind, made, config);
  if (made.offline) {
    await ensureStorage();
    await ensureImages();
  }
  await loadProgram(kind, made);
}

const foreignCluster =
  `Docker has a kind cluster called ${kindCluster} that \`make up\` did not make. Delete it with ` +
  `\`kind delete cluster --name ${kindCluster}\`, or use it by CLUSTER=current with its kubeconfig.`;

async function isOffline(): Promise<boolean> {
  const failure = await registryFailure();
  if (failure === undefined) return false;
  if (process.getuid?.() === 0 && (await isInstalled("apt-get", ["--version"]))) {
    console.log(`no registry of images is reached (${failure}): the images are made here`);
    return true;
  }
  throw new Error(
    `CLUSTER=kind needs a registry of images: ${failure}.\n` +
      "Mend the network or Docker's proxy settings. As root on Debian, `make up` makes the images itself.",
  );
}

async function prepareOffline(): Promise<void> {
  await ensurePackages(missingPackages());
  await ensureServers();
}

/** @throws Error at once for an image that Docker does not have and no registry can give */
async function nodeImage({ offline }: Made): Promise<string> {
  const wanted = process.env["CLUSTER_NODE_IMAGE"];
  if (wanted === undefined) return offline ? await ensureNodeImage() : kindestNode;
  if (offline && (await attempt("docker", ["image", "inspect", wanted])).code !== 0) {
    throw new Error(`CLUSTER_NODE_IMAGE: Docker has no image ${wanted}, and no registry is reached to pull it from`);
  }
  return wanted;
}

/** The mark comes first: a run that is killed half-way leaves a cluster that `make down` deletes. */
async function create(kind: string, made: Made, config: string): Promise<void> {
  const image = await nodeImage(made);
  const configFile = join(stateDir, "kind.json");
  await writeFile(configFile, config);
  await writeFile(madeFile, JSON.stringify(made));
  await step("kind cluster", async (report) => {
    const onLine = (line: string) => report(line.replaceAll(/[^\x20-\x7e]/g, "").trim());
    // a slow registry may take long to give the node image
    await run(kind, kindCommands.create(image, configFile), { timeoutMs: 1_800_000, onLine });
  });
}

/** Builds this project's image and loads it: with Docker and the public bases, or with bases that are made here. */
async function loadProgram(kind: string, { offline }: Made): Promise<void> {
  if (offline) {
    const { ref, archive } = await buildImage();
    await loadImage(ref, archive);
    return;
  }
  await step("image", async (report) => {
    report("docker build");
    const onLine = (line: string) => report(line.slice(0, 100));
    await run("docker", ["build", "--tag", imageRef, projectDir], { timeoutMs: 1_800_000, onLine });
    report("loading it into kind");
    await run(kind, kindCommands.loadImage(imageRef));
  });
}

/** Whether the charts must be served from the cluster. */
export async function kindIsOffline(): Promise<boolean> {
  return (await readMade())?.offline === true;
}

async function readMade(): Promise<Made | undefined> {
  const text = await readFile(madeFile, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Made);
}

async function deleteCluster(kind: string): Promise<void> {
  await step("deleting the kind cluster", async () => {
    await run(kind, kindCommands.delete());
    await stopProcess("provisioner");
    await rm(join(stateDir, "loaded-images.json"), { force: true });
    await rm(join(stateDir, "git"), { recursive: true, force: true });
  });
}

/** Deletes the cluster, if `make up` made it, and stops Docker, if `make up` started it. */
export async function removeKind(): Promise<void> {
  if (clusterName !== "kind") throw new Error("CLUSTER must be kind");
  if ((await readMade()) === undefined) console.log("There is no kind cluster that `make up` made: nothing to delete.");
  else {
    await ensureDocker();
    const kind = await kindProgram();
    await deleteCluster(kind);
  }
  for (const name of await startedProcesses()) if (name !== "dockerd") await stopProcess(name);
  const kept = (await removeDocker()) ? ["log"] : ["log", ...dockerState];
  for (const entry of await readdir(stateDir).catch(() => [])) {
    if (!kept.includes(entry)) await rm(join(stateDir, entry), { recursive: true, force: true });
  }
}
