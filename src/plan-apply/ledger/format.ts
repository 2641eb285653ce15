import { gunzipSync, gzipSync } from "node:zlib";
import type { Ledger, LedgerEntry } from "./ledger.ts";

type Data = Readonly<Record<string, string>>;

/** Every value of a Secret that is read counts as secret; with this prefix the bare cluster_id may still be shown. */
const prefix = "cluster_id:";
const version = 1;
/** `[kind, made, hashes]` by path. */
type Written = { readonly version: number; readonly objects: Readonly<Record<string, [string, boolean, Data?]>> };

/** What a Secret may hold in all, in bytes. @see https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size */
export const maxLedgerBytes = 1024 * 1024;

/** As the data of a Secret. Objects are sorted and compressed: 10,000 with a hash each take about 300 KiB. */
export function formatLedger({ clusterId, key, objects }: Ledger): Record<string, string> {
  const sorted = [...objects].sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = sorted.map(([path, { kind, made, hashes }]) => [
    path,
    Object.keys(hashes).length === 0 ? [kind, made] : [kind, made, hashes],
  ]);
  const text = JSON.stringify({ version, objects: Object.fromEntries(entries) });
  return { cluster: prefix + clusterId, key, objects: gzipSync(text).toString("base64") };
}

/** @returns undefined where it is none, was damaged, or is of a version that is not known here */
export function parseLedger({ cluster = "", key = "", objects = "" }: Data): Ledger | undefined {
  if (!cluster.startsWith(prefix) || Buffer.from(key, "base64").length !== 32) return undefined;
  try {
    const written = JSON.parse(gunzipSync(Buffer.from(objects, "base64")).toString()) as Written;
    if (written.version !== version) return undefined;
    const entries = Object.entries(written.objects).map(([path, [kind, made, hashes = {}]]): [string, LedgerEntry] => [
      path,
      { kind, made, hashes },
    ]);
    return { clusterId: cluster.slice(prefix.length), key, objects: new Map(entries) };
  } catch {
    return undefined;
  }
}
