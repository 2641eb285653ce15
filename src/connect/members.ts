import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { ConfigError } from "../errors.ts";
import type { Kube, StatefulSet } from "../kube/kube.ts";
import type { Run } from "../run.ts";
import { connectVault, type Vault, type VaultOptions } from "../vault/client.ts";
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

/** How one pod's Vault is reached, besides the settings. */
type MemberOptions = VaultOptions & {
  /** The IP that Kubernetes gives for the pod: in the cluster it is used in place of the pod's name, whose DNS entry lags. */
  readonly ip?: string;
};

type Target = { readonly run: Pick<Run, "settings">; readonly kube: Kube; readonly statefulSet: StatefulSet };

/**
 * Opens a client for a pod's Vault: through --address if given; in the cluster by its IP or by its name under the headless
 * Service; elsewhere through a port forwarded through the Kubernetes API. Checks the certificate against a host name in
 * --address, otherwise against the pod's name.
 *
 * @returns a client; its close() closes the forwarded port too
 * @throws ConfigError if the CA cannot be read; DeniedError if the port may not be forwarded
 */
export async function openMember(target: Target, pod: string, { ip, ...options }: MemberOptions): Promise<Vault> {
  const { caFile, concurrency: connections } = target.run.settings;
  const ca = await readCa(caFile);
  const { address, close } = await locate(target, pod, ip);
  const vault = connectVault(ca === undefined ? address : { ...address, ca }, { connections, ...options });
  return {
    ...vault,
    async close() {
      // the client before the forwarded port that it uses
      await vault.close();
      await close();
    },
  };
}

type Located = { readonly address: VaultAddress; readonly close: () => Promise<void> };

async function locate({ run, kube, statefulSet }: Target, pod: string, ip: string | undefined): Promise<Located> {
  const { namespace, address: template } = run.settings;
  const host = hostOf(run, statefulSet, pod);
  const close = async () => undefined;
  if (template !== undefined) return { address: addressOf(pod, fill(template, pod), host), close };
  if (kube.inCluster) {
    const { scheme } = statefulSet;
    if (ip === undefined) return { address: { name: pod, origin: `${scheme}://${host}:${apiPort}` }, close };
    return { address: addressOf(pod, `${scheme}://${ip.includes(":") ? `[${ip}]` : ip}:${apiPort}`, host), close };
  }
  const forward = await kube.forward(namespace, pod, apiPort);
  const origin = `${statefulSet.scheme}://127.0.0.1:${forward.port}`;
  return { address: { name: pod, origin, servername: host }, close: () => forward.close() };
}

/**
 * Opens clients for the pods of one run, on demand.
 * @throws ConfigError if --address does not distinguish the pods
 */
export function openMembers(run: Run, kube: Kube, statefulSet: StatefulSet): Members {
  const opened = new Map<string, Promise<Vault>>();
  const closers: (() => Promise<void>)[] = [];
  let closed = false;
  checkTemplate(run.settings.address, statefulSet);

  async function open(pod: string, timeoutMs: number | undefined): Promise<Vault> {
    const limits = { deadline: run.deadline, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const vault = await openMember({ run, kube, statefulSet }, pod, limits);
    // close() does not wait for a connection that is still being opened, because it may hang
    if (closed) await vault.close();
    else closers.push(() => vault.close());
    return vault;
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
      for (const close of closers.reverse()) await close();
    },
  };
}

/** @throws ConfigError if --address leads every pod to the same address */
export function checkTemplate(template: string | undefined, { replicas }: Pick<StatefulSet, "replicas">): void {
  if (template === undefined || replicas <= 1 || fill(template, "a-1") !== template) return;
  throw new ConfigError(
    `--address: found "${template}", expected {pod} or {ordinal} in it, so that each pod has its own address`,
  );
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

function hostOf(run: Pick<Run, "settings">, statefulSet: StatefulSet, pod: string): string {
  return `${pod}.${statefulSet.serviceName}.${run.settings.namespace}.svc`;
}

function fill(template: string, pod: string): string {
  return template.replaceAll("{pod}", pod).replaceAll("{ordinal}", String(ordinalOf(pod)));
}

/** The number at the end of a StatefulSet pod's name. */
export function ordinalOf(pod: string): number {
  return Number(pod.slice(pod.lastIndexOf("-") + 1));
}

/** Matches by name, not by label, because a pod whose labels were changed may still hold data. */
export function isPodOf(statefulSet: string, pod: string): boolean {
  return pod.startsWith(`${statefulSet}-`) && /^\d+$/.test(pod.slice(statefulSet.length + 1));
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
