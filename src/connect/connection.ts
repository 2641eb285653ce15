import { ConfigError } from "../errors.ts";
import { connectKube } from "../kube/client.ts";
import type { Kube, StatefulSet } from "../kube/kube.ts";
import type { Run } from "../run.ts";
import { type Members, openMembers } from "./members.ts";

/** What a command that works on a living cluster is given. */
export type Cluster = {
  readonly run: Run;
  readonly kube: Kube;
  readonly statefulSet: StatefulSet;
  readonly members: Members;
};

/**
 * Connects to Kubernetes, finds Vault's StatefulSet, and closes every connection when `act` has ended.
 * @throws ConfigError where there is no StatefulSet of that name
 */
export async function withConnection<T>(run: Run, act: (cluster: Cluster) => Promise<T>): Promise<T> {
  const { namespace, statefulset } = run.settings;
  const kube = await connectKube(run.settings, run.deadline);
  const statefulSet = await kube.statefulSet(namespace, statefulset);
  if (statefulSet === undefined) throw await missing(kube, namespace, statefulset);
  const members = openMembers(run, kube, statefulSet);
  try {
    return await act({ run, kube, statefulSet, members });
  } finally {
    await members.close();
  }
}

/** Names those that exist, where one may list them: a hook may not, and a person mostly may. */
async function missing(kube: Kube, namespace: string, name: string): Promise<ConfigError> {
  const others = await kube.statefulSets(namespace).catch(() => []);
  const known = others.length > 0 ? `In this namespace there is ${others.join(", ")}; ` : "";
  return new ConfigError(`find StatefulSet ${name}: there is none in namespace ${namespace}`, {
    todo: `Name it by --statefulset and --namespace. ${known}\`kubectl get statefulset -A\` lists all.`,
  });
}
