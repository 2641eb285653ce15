import { gunzipSync, gzipSync } from "node:zlib";
import type { Ledger, LedgerEntry } from "./ledger.ts";

type Data = Readonly<Record<string, string>>;

/** Every value that is read from a Secret is redacted; with these prefixes the bare cluster_id and URL may still be shown. */
const prefix = "cluster_id:";
const hostPrefix = "kubernetes_host:";
const version = 1;
/** `[kind, created, hashes, leftOver]` by path. Absent parts at the end are left out. */
type StoredEntry = [string, boolean, Data?, true?];
type Stored = { readonly version: number; readonly objects: Readonly<Record<string, StoredEntry>> };

/** The maximum size of a Secret. @see https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size */
export const maxLedgerBytes = 1024 * 1024;

/** The data of the ledger's Secret. Objects are sorted and compressed: 10,000 with a hash each take about 300 KiB. */
export function formatLedger({ clusterId, key, objects, kubernetesHost }: Ledger): Record<string, string> {
  const sorted = [...objects].sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = sorted.map(([path, entry]) => [path, storedEntry(entry)]);
  const text = JSON.stringify({ version, objects: Object.fromEntries(entries) });
  return {
    ...{ cluster: prefix + clusterId, key, objects: gzipSync(text).toString("base64") },
    ...(kubernetesHost === undefined ? {} : { kubernetesHost: hostPrefix + kubernetesHost }),
  };
}

function storedEntry({ kind, created, hashes, leftOver }: LedgerEntry): StoredEntry {
  if (leftOver) return [kind, created, hashes, leftOver];
  return Object.keys(hashes).length === 0 ? [kind, created] : [kind, created, hashes];
}

/** @returns undefined if the data is not a ledger, is damaged, or has an unknown version */
export function parseLedger({ cluster = "", key = "", objects = "", kubernetesHost = "" }: Data): Ledger | undefined {
  if (!cluster.startsWith(prefix) || Buffer.from(key, "base64").length !== 32) return undefined;
  try {
    const stored = JSON.parse(gunzipSync(Buffer.from(objects, "base64")).toString()) as Stored;
    if (stored.version !== version) return undefined;
    const entries = Object.entries(stored.objects).map(
      ([path, [kind, created, hashes = {}, leftOver]]): [string, LedgerEntry] => [
        path,
        { kind, created, hashes, ...(leftOver && { leftOver }) },
      ],
    );
    const host = kubernetesHost.startsWith(hostPrefix) ? kubernetesHost.slice(hostPrefix.length) : undefined;
    return {
      ...{ clusterId: cluster.slice(prefix.length), key, objects: new Map(entries) },
      ...(host === undefined ? {} : { kubernetesHost: host }),
    };
  } catch {
    return undefined;
  }
}
