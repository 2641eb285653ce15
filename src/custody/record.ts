import { RefusedError } from "../errors.ts";
import type { ConfigMap, Kube } from "../kube/kube.ts";

const recordName = "vault-init-record";

/**
 * One attempt of `init` and its outcome. Holds no secret. `init` writes it before it calls Vault.
 * `calledAt` and `calledPod` are written just before the call, and cleared if the call is known to have had no effect.
 * `unsealedAt` is written before the first share is sent, and when a run finds this Vault unsealed.
 */
export type InitRecord = {
  /** Identifies this attempt. A person quotes it in Git to have this Vault recreated. */
  readonly intent: string;
  /** UID of Vault's StatefulSet; `namespace` and `name` are the StatefulSet's too. */
  readonly statefulSet: string;
  readonly namespace?: string;
  readonly name?: string;
  /** UID of each volume claim by name (of each pod, if there are no claims) at the time of the call. */
  readonly storage: Readonly<Record<string, string>>;
  readonly shares: number;
  readonly threshold: number;
  readonly time: string;
  readonly calledAt?: string;
  /** UID of the pod that was called. */
  readonly calledPod?: string;
  readonly fingerprint?: string;
  readonly unsealedAt?: string;
  readonly clusterId?: string;
  readonly clusterName?: string;
};

/** The record as it was read. */
export type StoredRecord = InitRecord & { readonly resourceVersion: string };

/** @returns undefined if there is none; throws what Kube throws, and RefusedError if it cannot be parsed */
export async function readRecord(kube: Kube, namespace: string): Promise<StoredRecord | undefined> {
  const map = await kube.configMap(namespace, recordName);
  return map === undefined ? undefined : parse(namespace, map);
}

/**
 * Writes the record of a new attempt.
 *
 * @param replaces the record of an earlier attempt, whose Vault is gone; undefined if there was none
 * @returns false if the record is not that one any more: another run has changed or created it
 */
export async function beginRecord(
  kube: Kube,
  namespace: string,
  record: InitRecord,
  replaces: StoredRecord | undefined,
): Promise<boolean> {
  const data = format(record);
  if (replaces === undefined) return await kube.createConfigMap(namespace, recordName, data);
  return await kube.replaceConfigMap(namespace, {
    name: recordName,
    resourceVersion: replaces.resourceVersion,
    data,
  });
}

/**
 * Updates some fields of the record; an empty string clears one. Retries if another run wrote at the same time.
 *
 * @param intent if given, changes only a record of this attempt
 * @returns false if there is no record, or it belongs to a different attempt
 */
export async function amendRecord(
  kube: Kube,
  namespace: string,
  update: Partial<InitRecord>,
  intent?: string,
): Promise<boolean> {
  let matches = true;
  const found = await change(kube, namespace, (data) => {
    matches = intent === undefined || data["intent"] === intent;
    const next = { ...data, ...format(update) };
    return !matches || Object.entries(next).every(([key, value]) => data[key] === value) ? undefined : next;
  });
  return found && matches;
}

type Data = Readonly<Record<string, string>>;

/** @returns false if there is no record */
async function change(kube: Kube, namespace: string, edit: (data: Data) => Data | undefined): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const map = await kube.configMap(namespace, recordName);
    if (map === undefined) return false;
    const data = edit(map.data);
    if (data === undefined || (await kube.replaceConfigMap(namespace, { ...map, data }))) return true;
  }
  throw malformed(namespace, "was changed by another run at each of 20 attempts");
}

function format(record: Partial<InitRecord>): Record<string, string> {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "object" ? JSON.stringify(value) : String(value)]),
  );
}

function parse(namespace: string, { data, resourceVersion }: ConfigMap): StoredRecord {
  const { intent, statefulSet } = data;
  if (!intent || !statefulSet) throw malformed(namespace, "lacks intent or statefulSet");
  return {
    intent,
    statefulSet,
    storage: storageOf(namespace, data["storage"] ?? ""),
    shares: Number(data["shares"]),
    threshold: Number(data["threshold"]),
    time: data["time"] ?? "",
    resourceVersion,
    ...optional(data, "namespace"),
    ...optional(data, "name"),
    ...optional(data, "calledAt"),
    ...optional(data, "calledPod"),
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
    // reported below
  }
  throw malformed(namespace, 'has no JSON object under "storage"');
}

function malformed(namespace: string, problem: string): RefusedError {
  return new RefusedError(`read ConfigMap ${namespace}/${recordName}: it ${problem}`, {
    todo: "Restore it from a backup. If there is none: lift the protection of custody (docs/runbook.md), then delete it. It has notes of init, not the keys.",
  });
}
