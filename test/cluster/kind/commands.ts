import { existsSync } from "node:fs";
import { kubeconfig } from "../paths.ts";
import { isInstalled, run } from "../run.ts";
import { ensureServers, serverPath } from "../servers.ts";

export const kindCluster = "vault-hooks";
/** The container of the first node. */
export const controlPlane = `${kindCluster}-control-plane`;

/** kind's own commands, as they are run. */
export const kindCommands = {
  list: () => ["get", "clusters"],
  nodes: () => ["get", "nodes", "--name", kindCluster],
  create: (image: string, config: string) => [
    ...["create", "cluster", "--name", kindCluster, "--image", image],
    ...["--config", config, "--kubeconfig", kubeconfig, "--wait", "5m"],
  ],
  exportKubeconfig: () => ["export", "kubeconfig", "--name", kindCluster, "--kubeconfig", kubeconfig],
  loadArchive: (archive: string) => ["load", "image-archive", archive, "--name", kindCluster],
  loadImage: (ref: string) => ["load", "docker-image", ref, "--name", kindCluster],
  delete: () => ["delete", "cluster", "--name", kindCluster, "--kubeconfig", kubeconfig],
} as const;

/** @param printed the output of `kind get clusters` */
export function kindClusterExists(printed: string): boolean {
  return printed.split("\n").some((line) => line.trim() === kindCluster);
}

/** @returns kind on the PATH, or one that is built here with Go */
export async function kindProgram(): Promise<string> {
  if (await isInstalled("kind", ["version"])) return "kind";
  if (existsSync(serverPath("kind"))) return serverPath("kind");
  if (!(await isInstalled("go", ["version"]))) {
    throw new Error(
      "CLUSTER=kind needs the program kind: https://kind.sigs.k8s.io/docs/user/quick-start/#installation",
    );
  }
  return (await ensureServers(["kind"])).kind;
}

/** Names of the nodes, which are also the names of their containers. */
export async function kindNodes(): Promise<string[]> {
  return (await run(await kindProgram(), kindCommands.nodes())).split("\n").filter(Boolean);
}
