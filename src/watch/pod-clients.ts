import type { Cluster } from "../connect/connection.ts";
import { type Members, openMember } from "../connect/members.ts";
import { NotReadyError } from "../errors.ts";
import type { Pod, StatefulSet } from "../kube/kube.ts";
import type { Vault } from "../vault/client.ts";

/** In milliseconds. A running Vault answers a poll at once; a share may take longer. */
const timeouts = { poll: 2000, change: 10_000 };

/**
 * Clients for Vault's pods that outlive each repair. A pod is reached by the IP that Kubernetes gives for it, and only while
 * that very pod exists: a share must not be sent to the next holder of an old IP.
 */
export type PodClients = Members & {
  /** Closes the clients of pods that are gone, or have another IP. */
  update(pods: readonly Pod[], statefulSet: StatefulSet | undefined): void;
  /** Closes the clients of a pod, so that the next one reads the CA again and makes a new connection. */
  drop(pod: string): void;
};

type Opened = { readonly key: string; readonly clients: Map<number, Promise<Vault>> };

/** @param context `deadline` ends every request; each has its own timeout besides */
export function openPodClients({ run, kube }: Pick<Cluster, "run" | "kube">): PodClients {
  const opened = new Map<string, Opened>();
  let pods = new Map<string, Pod>();
  let statefulSet: StatefulSet | undefined;

  function drop(name: string): void {
    const clients = opened.get(name)?.clients.values() ?? [];
    opened.delete(name);
    // a client that could not be opened has nothing to close
    for (const client of clients) void client.then((vault) => vault.close()).catch(() => undefined);
  }

  function open(name: string, timeoutMs: number): Promise<Vault> {
    const pod = pods.get(name);
    if (statefulSet === undefined) throw new NotReadyError(`reach ${name}: its StatefulSet is not known yet`);
    if (pod === undefined) throw new NotReadyError(`reach ${name}: there is no such pod`);
    const byIp = kube.inCluster && run.settings.address === undefined;
    if (byIp && pod.ip === undefined) throw new NotReadyError(`reach ${name}: ${pod.reason ?? "it has no IP yet"}`);
    const key = keyOf(pod);
    const entry: Opened = opened.get(name) ?? { key, clients: new Map() };
    opened.set(name, entry);
    const known = entry.clients.get(timeoutMs);
    if (known !== undefined) return known;
    const limits = { deadline: run.deadline, timeoutMs, ...(byIp && pod.ip !== undefined ? { ip: pod.ip } : {}) };
    const opening = openMember({ run, kube, statefulSet }, name, limits);
    entry.clients.set(timeoutMs, opening);
    opening.catch(() => entry.clients.delete(timeoutMs));
    return opening;
  }

  return {
    update(current, set) {
      pods = new Map(current.map((pod) => [pod.name, pod]));
      const moved = set?.scheme !== statefulSet?.scheme || set?.serviceName !== statefulSet?.serviceName;
      statefulSet = set ?? statefulSet;
      for (const [name, { key }] of opened) {
        const pod = pods.get(name);
        if (pod === undefined || keyOf(pod) !== key || (moved && set !== undefined)) drop(name);
      }
    },
    drop,
    async connect(name, timeoutMs) {
      return await open(name, timeoutMs === undefined ? timeouts.change : Math.min(timeoutMs, timeouts.poll));
    },
    async close() {
      for (const name of [...opened.keys()]) drop(name);
    },
  };
}

function keyOf({ uid, ip }: Pod): string {
  return `${uid} ${ip ?? ""}`;
}
