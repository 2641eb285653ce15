import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Cluster, Context, KubeConfig, User } from "@kubernetes/client-node";
import { ConfigError } from "../errors.ts";
import { secret } from "../redact.ts";
import type { Settings } from "../settings.ts";
import { nearest } from "../util/nearest.ts";
import { tokenFile } from "./pod-token.ts";

export type KubeSettings = Pick<Settings, "kubeconfig" | "context" | "kubeDefaults">;
export type LoadedConfig = { readonly config: KubeConfig; readonly inCluster: boolean };

const podToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";
const checkPath = "Check the path given with --kubeconfig or KUBECONFIG.";

/**
 * Loads the same kubeconfig as kubectl: --kubeconfig, then KUBECONFIG, the pod's own ServiceAccount, ~/.kube/config.
 *
 * @param empty creates a KubeConfig, so that this file need not import the client
 * @throws ConfigError that names the file and its defect
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export async function loadConfig(empty: () => KubeConfig, settings: KubeSettings): Promise<LoadedConfig> {
  const files = await filesOf(settings);
  if (files === "in-cluster") {
    const config = empty();
    config.loadFromCluster();
    const { user, authenticator } = tokenFile(podToken);
    config.addAuthenticator(authenticator);
    config.loadFromClusterAndUser(inCluster(config), user);
    return { config, inCluster: true };
  }
  const config = merge(empty, await Promise.all(files.map((file) => loadFile(empty, file))));
  const where = files.join(", ");
  const context = settings.context ?? config.getCurrentContext();
  setContext(config, context, where, settings.context === undefined ? where : "--context");
  return { config, inCluster: false };
}

function inCluster(config: KubeConfig): Cluster {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error("client-node has loaded no cluster");
  return cluster;
}

async function filesOf({ kubeconfig, context, kubeDefaults }: KubeSettings): Promise<readonly string[] | "in-cluster"> {
  if (kubeconfig !== undefined) return [kubeconfig];
  if (kubeDefaults.files.length > 0) {
    const found = await existing(kubeDefaults.files);
    if (found.length > 0) return found;
    throw new ConfigError(`KUBECONFIG: found ${kubeDefaults.files.join(", ")}, which does not exist`, {
      todo: checkPath,
    });
  }
  const pod = kubeDefaults.inCluster && (await existing([podToken])).length > 0;
  if (pod && context === undefined) return "in-cluster";
  const file = kubeDefaults.home === undefined ? undefined : join(kubeDefaults.home, ".kube", "config");
  if (file !== undefined && (await existing([file])).length > 0) return [file];
  throw new ConfigError("find the cluster: there is no kubeconfig", {
    todo: "Pass one with --kubeconfig or KUBECONFIG, or run this in a pod that has a ServiceAccount token.",
  });
}

async function existing(files: readonly string[]): Promise<string[]> {
  const exists = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, i) => exists[i]);
}

async function loadFile(empty: () => KubeConfig, file: string): Promise<KubeConfig> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw new ConfigError(`kubeconfig ${file}: no such file`, { cause, todo: checkPath });
    throw new ConfigError(`kubeconfig ${file}: cannot be read: ${cause.code}`, {
      cause,
      todo: "Make the file readable, or pass a different one with --kubeconfig.",
    });
  });
  const config = empty();
  try {
    config.loadFromString(text);
  } catch (cause) {
    throw new ConfigError(`kubeconfig ${file}: ${reasonOf(cause)}`, {
      todo: "Correct the file; kubectl reads it too.",
    });
  }
  config.makePathsAbsolute(dirname(file));
  for (const user of config.getUsers()) {
    if (user.token) secret(user.token);
    if (user.password) secret(user.password);
  }
  return config;
}

/** The message of a YAML error quotes the lines around it, which may hold a token. */
function reasonOf(cause: unknown): string {
  const { name, reason, mark } = cause as { name?: string; reason?: string; mark?: { line: number } };
  if (name === "YAMLException")
    return `it is not YAML: ${reason}${mark === undefined ? "" : ` in line ${mark.line + 1}`}`;
  return cause instanceof TypeError || !(cause instanceof Error) ? "it is not a kubeconfig" : cause.message;
}

/** If several files define the same name, the first one counts, as in kubectl. */
function merge(empty: () => KubeConfig, configs: readonly KubeConfig[]): KubeConfig {
  const [first] = configs;
  if (configs.length === 1 && first !== undefined) return first;
  const merged = empty();
  merged.loadFromOptions({
    clusters: firstOfName<Cluster>(configs.flatMap((each) => each.getClusters())),
    users: firstOfName<User>(configs.flatMap((each) => each.getUsers())),
    contexts: firstOfName<Context>(configs.flatMap((each) => each.getContexts())),
    currentContext: configs.map((each) => each.getCurrentContext()).find((name) => name) ?? "",
  });
  return merged;
}

function firstOfName<T extends { readonly name: string }>(all: readonly T[]): T[] {
  return [...new Map(all.toReversed().map((each) => [each.name, each])).values()].toReversed();
}

/** @param file the kubeconfig, and @param source the origin of the context's name, both for messages */
function setContext(config: KubeConfig, name: string | undefined, file: string, source: string): void {
  const names = config.getContexts().map((each) => each.name);
  if (!name) {
    const known = names.length > 0 ? `contexts are ${names.join(", ")}` : "it has no context";
    throw new ConfigError(`kubeconfig ${file}: it has no current context`, {
      todo: `Pass one with --context; ${known}.`,
    });
  }
  if (!names.includes(name)) {
    const near = nearest(name, names);
    const todo = near === undefined ? `Contexts are ${names.join(", ") || "none"}.` : `Did you mean ${near}?`;
    throw new ConfigError(`${source}: found context "${name}", which ${file} does not have`, { todo });
  }
  config.setCurrentContext(name);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined)
    throw new ConfigError(`kubeconfig ${file}: context "${name}" names a cluster that is not in it`);
  if (config.getCurrentUser() === null) {
    const user = config.getContextObject(name)?.user;
    const defect = user ? `names user "${user}", who is not in it` : "names no user";
    throw new ConfigError(`kubeconfig ${file}: context "${name}" ${defect}`);
  }
  if (!/^https?:\/\/./.test(server) || !URL.canParse(server)) {
    throw new ConfigError(`kubeconfig ${file}: found server "${server}", expected a URL like https://host:6443`);
  }
}
