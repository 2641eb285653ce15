import { existsSync } from "node:fs";
import { clusterName, kubeconfig } from "./paths.ts";
import { isInstalled, type RunOptions, run } from "./run.ts";
import { ensureServers, serverPath } from "./servers.ts";

/** Runs kubectl with the chosen cluster's kubeconfig. @returns its standard output @throws Error with its output when it fails */
export type Kubectl = (args: readonly string[], options?: RunOptions) => Promise<string>;

/** Runs kubectl against the cluster that CLUSTER names. */
export const kubectl: Kubectl = async (args, options) =>
  await run(
    await kubectlProgram(),
    [`--kubeconfig=${clusterName === "current" ? process.env["KUBECONFIG"] : kubeconfig}`, ...args],
    options,
  );

let program: Promise<string> | undefined;

/** @returns the kubectl on the PATH, or the one that is built here; the embedded cluster always takes the latter */
export function kubectlProgram(): Promise<string> {
  program ??= findProgram();
  return program;
}

async function findProgram(): Promise<string> {
  if (clusterName !== "embedded" && (await isInstalled("kubectl", ["version", "--client"]))) return "kubectl";
  if (!existsSync(serverPath("kubectl"))) await ensureServers(["kubectl"]);
  return serverPath("kubectl");
}
