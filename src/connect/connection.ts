import { ConfigError } from "../errors.ts";
import { connectKube } from "../kube/client.ts";
import type { Kube, StatefulSet } from "../kube/kube.ts";
import type { Run } from "../run.ts";
import { type Members, openMembers } from "./members.ts";

/** The run, and its connections to Kubernetes and to Vault's members. */
export type Cluster = {
  readonly run: Run;
  readonly kube: Kube;
  readonly statefulSet: StatefulSet;
  readonly members: Members;
};

/**
 * Connects to Kubernetes, finds Vault's StatefulSet, and closes every connection when `act` has ended.
 * @throws ConfigError if the StatefulSet does not exist
 */
export async function withConnection<T>(run: Run, act: (cluster: Cluster) => Promise<T>): Promise<T> {
  const { namespace, statefulset } = run.settings;
  const kube = await connectKube(run.settings, run.deadline);
  const statefulSet = await kube.statefulSet(namespace, statefulset);
  if (statefulSet === undefined) throw await notFound(kube, namespace, statefulset);
  return await withMembers({ run, kube, statefulSet }, act);
}

/** Connects to Vault's members on demand, and closes every connection when `act` has ended. */
export async function withMembers<T>(
  { run, kube, statefulSet }: Omit<Cluster, "members">,
  act: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const members = openMembers(run, kube, statefulSet);
  try {
    return await act({ run, kube, statefulSet, members });
  } finally {
    await members.close();
  }
}

/** Lists the StatefulSets that exist, if this run may list them. A person usually may, a hook may not. */
async function notFound(kube: Kube, namespace: string, name: string): Promise<ConfigError> {
  const others = await kube.statefulSets(namespace).catch(() => []);
  const known = others.length > 0 ? `In this namespace there is ${others.join(", ")}; ` : "";
  return new ConfigError(`find StatefulSet ${name}: there is none in namespace ${namespace}`, {
    todo: `Name the StatefulSet with --statefulset and --namespace. ${known}\`kubectl get statefulset -A\` lists all.`,
  });
}
