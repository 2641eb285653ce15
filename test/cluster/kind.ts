import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildImage } from "../image/build.ts";
import { stateDir } from "./paths.ts";
import { step } from "./progress.ts";
import { attempt, run } from "./run.ts";

const kindCluster = "vault-hooks";
export const kindKubeconfig = join(stateDir, "kind.kubeconfig");

/** Says that up made the cluster, so that down may delete it. */
const madeHere = join(stateDir, "kind-made-here");

/** kind's own commands, as they are run: `make up` is the first three, `make down` the last. */
export const kindCommands = {
  list: () => ["get", "clusters"],
  create: (kubeconfig: string) => [
    "create",
    "cluster",
    "--name",
    kindCluster,
    "--kubeconfig",
    kubeconfig,
    "--wait",
    "5m",
  ],
  exportKubeconfig: (kubeconfig: string) => ["export", "kubeconfig", "--name", kindCluster, "--kubeconfig", kubeconfig],
  load: (archive: string) => ["load", "image-archive", archive, "--name", kindCluster],
  delete: () => ["delete", "cluster", "--name", kindCluster],
} as const;

/** @param printed what `kind get clusters` printed */
export function kindClusterExists(printed: string): boolean {
  return printed.split("\n").some((line) => line.trim() === kindCluster);
}

/** Makes the kind cluster, unless there is one of that name, and loads the project's image into it. */
export async function ensureKind(): Promise<void> {
  await mkdir(stateDir, { recursive: true });
  if (kindClusterExists(await kind(kindCommands.list()))) {
    await kind(kindCommands.exportKubeconfig(kindKubeconfig));
  } else {
    await step("kind cluster", () => kind(kindCommands.create(kindKubeconfig)));
    await writeFile(madeHere, kindCluster);
  }
  const { archive } = await buildImage();
  await step("loading the image into kind", () => kind(kindCommands.load(archive)));
}

/** Deletes the kind cluster, if up made it. */
export async function removeKind(): Promise<void> {
  if (!existsSync(madeHere)) {
    console.log("The kind cluster was not made by `make up`, or is gone: nothing to delete.");
    return;
  }
  await step("deleting the kind cluster", () => kind(kindCommands.delete()));
  await rm(madeHere);
  await rm(kindKubeconfig, { force: true });
}

async function kind(args: readonly string[]): Promise<string> {
  const there = await attempt("kind", ["version"]).catch(() => undefined);
  if (!there) throw new Error("CLUSTER=kind needs the program kind, and Docker: https://kind.sigs.k8s.io");
  return run("kind", args);
}
