import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout. */
export const projectDir = resolve(import.meta.dirname, "../..");

/** What may be kept between clusters and is expensive to make: servers, images, the images' store. Never in the checkout. */
export const cacheDir = resolve(
  process.env["VAULT_HOOKS_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "vault-hooks"),
);

/** What one cluster is: its etcd, volumes, keys, logs. `make down` removes it, all but the logs. */
export const stateDir = resolve(process.env["VAULT_HOOKS_STATE"] ?? join(cacheDir, "state"));

export const logsDir = join(stateDir, "log");
export const kubeconfig = join(stateDir, "admin.kubeconfig");
/** The served copy of apps/ and hooks/: tests change files here and publish them. */
export const workDir = join(stateDir, "work");
export const containerdSocket = join(stateDir, "containerd.sock");
