import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout. */
export const projectDir = resolve(import.meta.dirname, "../..");

/** The cluster that `make up` and `make down` work on. */
export const clusterName = process.env["CLUSTER"] ?? "embedded";

// These names do not begin with VAULT_HOOKS_: the program refuses a variable of that prefix that it does not know.
/** Keeps what is expensive to make and outlives a cluster: servers, images, Docker's data. Never in the checkout. */
export const cacheDir = resolve(
  process.env["CLUSTER_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "vault-hooks"),
);

/** Holds one cluster: its kubeconfig, keys, volumes, served repository, logs. `make down` removes all but the logs. */
export const stateDir = resolve(
  process.env["CLUSTER_STATE"] ?? join(cacheDir, clusterName === "embedded" ? "state" : clusterName),
);

export const logsDir = join(stateDir, "log");
export const kubeconfig = join(stateDir, "admin.kubeconfig");
/** The copy of apps/ and hooks/ that is served to Argo CD. Tests change files here and publish them. */
export const workDir = join(stateDir, "work");
/** The socket of the embedded node's containerd. */
export const containerdSocket = join(stateDir, "containerd.sock");
/** Links to the tools that were built here, by their usual names. */
export const toolsDir = join(cacheDir, "tools");
