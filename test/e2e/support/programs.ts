import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ctr } from "../../cluster/images.ts";
import { clusterName, containerdSocket, projectDir } from "../../cluster/paths.ts";
import { attempt, type Finished, run } from "../../cluster/run.ts";
import { buildImage, imageRef } from "../../image/build.ts";
import type { SearchedText } from "./leaks.ts";

/** Starts the program outside the cluster, with a kubeconfig and no other rights. */
export type Program = (kubeconfig: string, args: readonly string[]) => Promise<Finished>;

/** The output of every run of the program, to be searched for secrets. */
export const printed: SearchedText[] = [];

const timeoutMs = 120_000;

/** Runs the program from source, as a developer does. */
export async function runSource(kubeconfig: string, args: readonly string[]): Promise<Finished> {
  const command = join(projectDir, "node_modules/.bin/tsx");
  const all = [join(projectDir, "src/cli.ts"), ...args, "--kubeconfig", kubeconfig];
  return kept(args, await attempt(command, all, { cwd: projectDir, timeoutMs }));
}

/**
 * Runs the image as a container on the host's network, with the kubeconfig and the desired state mounted, as
 * `docker run --network host --read-only -v ...` does.
 */
export async function runImage(kubeconfig: string, args: readonly string[]): Promise<Finished> {
  const dir = await mkdtemp(join(tmpdir(), "vault-hooks-kubeconfig-"));
  const copy = join(dir, "kubeconfig");
  try {
    await copyFile(kubeconfig, copy);
    await chmod(dir, 0o755);
    await chmod(copy, 0o644); // the image does not run as root
    const mounts = { [copy]: "/kubeconfig", [join(projectDir, "hooks/config")]: "/config" };
    return kept(args, await (clusterName === "kind" ? runByDocker(mounts, args) : runByContainerd(mounts, args)));
  } finally {
    await rm(dir, { recursive: true });
  }
}

const environment = ["--env", "VAULT_HOOKS_KUBECONFIG=/kubeconfig", "--env", "VAULT_HOOKS_CONFIG=/config"];

type Mounts = Readonly<Record<string, string>>;

async function runByDocker(mounts: Mounts, args: readonly string[]): Promise<Finished> {
  const { archive } = await buildImage();
  await run("docker", ["load", "--quiet", "--input", archive]);
  const volumes = Object.entries(mounts).flatMap(([from, to]) => ["--volume", `${from}:${to}:ro`]);
  const options = ["run", "--rm", "--network", "host", "--read-only", ...volumes, ...environment];
  return await attempt("docker", [...options, imageRef, ...args], { timeoutMs });
}

/** The embedded cluster has containerd and no Docker. */
async function runByContainerd(mounts: Mounts, args: readonly string[]): Promise<Finished> {
  const volumes = Object.entries(mounts).flatMap(([from, to]) => [
    "--mount",
    `type=bind,src=${from},dst=${to},options=rbind:ro`,
  ]);
  const name = `vault-hooks-e2e-${process.pid}-${Date.now()}`;
  const options = ["run", "--rm", "--net-host", "--read-only", ...volumes, ...environment, imageRef, name];
  // unlike docker, ctr replaces the image's entrypoint
  const command = [...options, ...(await entrypoint(imageRef)), ...args];
  return await attempt("ctr", ["-a", containerdSocket, "-n", "k8s.io", ...command], { timeoutMs });
}

function kept(args: readonly string[], finished: Finished): Finished {
  printed.push({ where: `the output of "${args.join(" ")}"`, text: `${finished.stdout}\n${finished.stderr}` });
  return finished;
}

type Manifest = { config: { digest: string } };
type Config = { config: { Entrypoint?: string[] } };

async function entrypoint(ref: string): Promise<string[]> {
  const listed = await ctr(["images", "list", `name==${ref}`]);
  const digest = /sha256:[0-9a-f]{64}/.exec(listed)?.[0] ?? "";
  const manifest = JSON.parse(await ctr(["content", "get", digest])) as Manifest;
  const { config } = JSON.parse(await ctr(["content", "get", manifest.config.digest])) as Config;
  return config.Entrypoint ?? [];
}
