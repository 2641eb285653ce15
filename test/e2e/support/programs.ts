import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerdSocket, projectDir } from "../../cluster/paths.ts";
import { attempt, type Finished, run } from "../../cluster/run.ts";
import { imageRef } from "../../image/build.ts";
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
    const mounts = [
      `type=bind,src=${copy},dst=/kubeconfig,options=rbind:ro`,
      `type=bind,src=${join(projectDir, "hooks/config")},dst=/config,options=rbind:ro`,
    ].flatMap((mount) => ["--mount", mount]);
    const name = `vault-hooks-e2e-${process.pid}-${Date.now()}`;
    const env = ["--env", "VAULT_HOOKS_KUBECONFIG=/kubeconfig", "--env", "VAULT_HOOKS_CONFIG=/config"];
    const options = ["run", "--rm", "--net-host", "--read-only", ...mounts, ...env, imageRef, name];
    // unlike docker, ctr replaces the image's entrypoint
    const command = [...options, ...(await entrypoint(imageRef)), ...args];
    const all = ["-a", containerdSocket, "-n", "k8s.io", ...command];
    return kept(args, await attempt("ctr", all, { timeoutMs }));
  } finally {
    await rm(dir, { recursive: true });
  }
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

function ctr(args: readonly string[]): Promise<string> {
  return run("ctr", ["-a", containerdSocket, "-n", "k8s.io", ...args]);
}
