import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { ConfigError } from "../errors.ts";
import type { Kube, StatefulSet } from "../kube/kube.ts";
import type { Run } from "../run.ts";
import { connectVault, type Vault } from "../vault/client.ts";
import type { VaultAddress } from "../vault/transport.ts";

/** The port of Vault's API, the same in every chart. */
const apiPort = 8200;

/** Clients for Vault's pods, opened on demand. */
export type Members = {
  /** @param timeoutMs the longest wait for one answer, in milliseconds */
  connect(pod: string, timeoutMs?: number): Promise<Vault>;
  /** Closes every client and every forwarded port. */
  close(): Promise<void>;
};

/**
 * Reaches a pod through --address if given; in the cluster by its name under the headless Service; elsewhere through a port
 * forwarded through the Kubernetes API. Checks the certificate against a host name in --address, otherwise against the
 * pod's name.
 *
 * @throws ConfigError if --address does not distinguish the pods
 */
export function openMembers(run: Run, kube: Kube, statefulSet: StatefulSet): Members {
  const opened = new Map<string, Promise<Vault>>();
  const closers: (() => Promise<void>)[] = [];
  let closed = false;
  // close() does not wait for a connection that is still being opened, because it may hang
  const onClose = async (close: () => Promise<void>) => void (closed ? await close() : closers.push(close));
  const { namespace, address: template } = run.settings;
  if (template !== undefined && statefulSet.replicas > 1 && fill(template, "a-1") === template) {
    throw new ConfigError(
      `--address: found "${template}", expected {pod} or {ordinal} in it, so that each pod has its own address`,
    );
  }

  async function open(pod: string, timeoutMs: number | undefined): Promise<Vault> {
    const ca = await readCa(run.settings.caFile);
    const address = await locate(pod);
    const vault = connectVault(ca === undefined ? address : { ...address, ca }, {
      deadline: run.deadline,
      connections: run.settings.concurrency,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    await onClose(() => vault.close());
    return vault;
  }

  async function locate(pod: string): Promise<VaultAddress> {
    const host = hostOf(run, statefulSet, pod);
    if (template !== undefined) return addressOf(pod, fill(template, pod), host);
    if (kube.inCluster) return { name: pod, origin: `${statefulSet.scheme}://${host}:${apiPort}` };
    const forward = await kube.forward(namespace, pod, apiPort);
    await onClose(() => forward.close());
    return { name: pod, origin: `${statefulSet.scheme}://127.0.0.1:${forward.port}`, servername: host };
  }

  return {
    connect(pod, timeoutMs) {
      const key = `${pod} ${timeoutMs ?? ""}`;
      const known = opened.get(key);
      if (known !== undefined) return known;
      const opening = open(pod, timeoutMs);
      opened.set(key, opening);
      // the next call retries a pod that could not be reached
      opening.catch(() => opened.delete(key));
      return opening;
    },
    async close() {
      closed = true;
      // newest first: a client before the forwarded port that it uses
      for (const close of closers.reverse()) await close();
    },
  };
}

/** Certificates name hosts, so at a bare IP the certificate is checked against the pod's name. */
function addressOf(pod: string, origin: string, host: string): VaultAddress {
  const { hostname } = new URL(origin);
  return isIP(hostname.replace(/^\[|\]$/g, "")) === 0 ? { name: pod, origin } : { name: pod, origin, servername: host };
}

/**
 * The address at which other members reach a pod. Outside the cluster it differs from the one that this process uses.
 * With --address both are the same, because Vault then does not run under the names that Kubernetes gives.
 */
export function addressAmongMembers(run: Run, statefulSet: StatefulSet, pod: string): VaultAddress {
  const template = run.settings.address;
  const host = hostOf(run, statefulSet, pod);
  if (template !== undefined) return addressOf(pod, fill(template, pod), host);
  return { name: pod, origin: `${statefulSet.scheme}://${host}:${apiPort}` };
}

function hostOf(run: Run, statefulSet: StatefulSet, pod: string): string {
  return `${pod}.${statefulSet.serviceName}.${run.settings.namespace}.svc`;
}

function fill(template: string, pod: string): string {
  return template.replaceAll("{pod}", pod).replaceAll("{ordinal}", String(ordinalOf(pod)));
}

/** The number at the end of a StatefulSet pod's name. */
export function ordinalOf(pod: string): number {
  return Number(pod.slice(pod.lastIndexOf("-") + 1));
}

/**
 * The CA certificates of --ca-file, in PEM.
 * @throws ConfigError if the file cannot be read, or has no certificate
 */
export async function readCa(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, "utf8").catch((cause: Error) => {
    throw new ConfigError(`--ca-file: cannot read ${file}: ${cause.message}`, { cause });
  });
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new ConfigError(`--ca-file: found no certificate in ${file}, expected at least one in PEM`);
}
