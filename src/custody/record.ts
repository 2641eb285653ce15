import { RefusedError } from "../errors.ts";
import type { ConfigMap, Kube } from "../kube/kube.ts";

const recordName = "vault-init-record";

/**
 * What `init` intended and what became of it. Holds no secret; written before the call that it speaks of.
 * `calledAt` is written just before the call to Vault, and taken back where that is known to have done nothing.
 * `unsealedAt` is written before the first share is sent, and whenever a run sees this Vault open.
 */
export type InitRecord = {
  /** Names this one attempt; a person quotes it in Git to have it made again. */
  readonly intent: string;
  /** UID of Vault's StatefulSet, and where it stood. */
  readonly statefulSet: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Name of each volume claim (or pod, where there are none) to its UID, as they were when init was called. */
  readonly storage: Readonly<Record<string, string>>;
  readonly shares: number;
  readonly threshold: number;
  readonly time: string;
  readonly calledAt?: string;
  readonly fingerprint?: string;
  readonly unsealedAt?: string;
  readonly clusterId?: string;
  readonly clusterName?: string;
};

/** @returns undefined if there is none; throws as Kube does */
export async function readRecord(kube: Kube, namespace: string): Promise<InitRecord | undefined> {
  const map = await kube.configMap(namespace, recordName);
  return map === undefined ? undefined : parse(namespace, map);
}

/** Writes the record of a new attempt; what it says of an earlier one is gone, since that Vault is gone. */
export async function beginRecord(kube: Kube, namespace: string, record: InitRecord): Promise<void> {
  const data = format(record);
  if (await kube.createConfigMap(namespace, recordName, data)) return;
  await change(kube, namespace, () => data);
}

/**
 * Adds what was learnt since; an empty value takes one back. Where someone else wrote at the same time, reads again and
 * tries again.
 * @param intent only if the record is still of this attempt
 * @returns false if there is no record, or none of this attempt
 */
export async function amendRecord(
  kube: Kube,
  namespace: string,
  learnt: Partial<InitRecord>,
  intent?: string,
): Promise<boolean> {
  let meant = true;
  const found = await change(kube, namespace, (data) => {
    meant = intent === undefined || data["intent"] === intent;
    const next = { ...data, ...format(learnt) };
    return !meant || Object.entries(next).every(([key, value]) => data[key] === value) ? undefined : next;
  });
  return found && meant;
}

type Data = Readonly<Record<string, string>>;

async function change(kube: Kube, namespace: string, edit: (data: Data) => Data | undefined): Promise<boolean> {
  for (let tried = 0; tried < 20; tried++) {
    const map = await kube.configMap(namespace, recordName);
    if (map === undefined) return false;
    const data = edit(map.data);
    if (data === undefined || (await kube.replaceConfigMap(namespace, { ...map, data }))) return true;
  }
  throw malformed(namespace, "is changed by someone else all the time");
}

function format(record: Partial<InitRecord>): Record<string, string> {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "object" ? JSON.stringify(value) : String(value)]),
  );
}

function parse(namespace: string, { data }: ConfigMap): InitRecord {
  const { intent, statefulSet } = data;
  if (!intent || !statefulSet) throw malformed(namespace, "lacks intent or statefulSet");
  return {
    intent,
    statefulSet,
    storage: storageOf(namespace, data["storage"] ?? ""),
    shares: Number(data["shares"]),
    threshold: Number(data["threshold"]),
    time: data["time"] ?? "",
    ...optional(data, "namespace"),
    ...optional(data, "name"),
    ...optional(data, "calledAt"),
    ...optional(data, "fingerprint"),
    ...optional(data, "unsealedAt"),
    ...optional(data, "clusterId"),
    ...optional(data, "clusterName"),
  };
}

function optional<K extends string>(data: Data, key: K): { [P in K]?: string } {
  const value = data[key];
  return value === undefined || value === "" ? {} : ({ [key]: value } as { [P in K]?: string });
}

function storageOf(namespace: string, text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, string>;
  } catch {
    // told below
  }
  throw malformed(namespace, 'has no JSON object under "storage"');
}

function malformed(namespace: string, what: string): RefusedError {
  return new RefusedError(`read ConfigMap ${namespace}/${recordName}: it ${what}`, {
    todo: "Restore it from a backup; if there is none, delete it: it is only what init noted, not the keys themselves.",
  });
}
