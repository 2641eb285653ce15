import type { V1Job, V1Pod, V1Secret } from "@kubernetes/client-node";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { applyRoot, type Cluster, up } from "../../cluster/cluster.ts";
import { type Api, openApi } from "./api.ts";
import { application, converged } from "./argo.ts";
import type { Needle, SearchedText } from "./leaks.ts";
import { logsOf } from "./places.ts";
import { type Recorder, type Seen, startRecorder } from "./recorder.ts";
import { hookNames } from "./timeline.ts";

/** One cluster, from an empty one to the next wipe. */
export type World = {
  readonly cluster: Cluster;
  readonly api: Api;
  readonly recorder: Recorder;
  /** Logs of pods that ended, such as hooks, whose Jobs the next sync deletes. */
  readonly keptLogs: readonly SearchedText[];
  /** When root.yaml was applied, in milliseconds since 1970. */
  readonly from: number;
  readonly commit: string;
  close(): Promise<void>;
};

const timeoutMs = 300_000; // one minute is usual

/**
 * Wipes the cluster, installs Argo CD, starts to record every change, applies root.yaml, and waits until everything is healthy.
 * It does nothing else: no command, no restart, no second apply.
 */
export async function newWorld(): Promise<World> {
  const cluster = await up({ wipe: true });
  const api = openApi(cluster.kubeconfig);
  const keptLogs: SearchedText[] = [];
  const reading: Promise<void>[] = [];
  const recorder = startRecorder(api, (seen) => {
    const pod = endedPod(seen);
    if (pod) reading.push(logsOf(api, pod).then((logs) => void keptLogs.push(...logs)));
  });
  const from = Date.now();
  const commit = (await applyRoot(cluster)) ?? "";
  async function close(): Promise<void> {
    await recorder.stop();
    await Promise.allSettled(reading);
    await api.close();
  }
  try {
    await converged(api, commit, timeoutMs);
  } catch (error) {
    await close();
    for (const name of hookNames) console.log(`${name} logged:\n${hookLogs({ keptLogs }, name)}`);
    throw error;
  }
  return { cluster, api, recorder, keptLogs, from, commit, close };
}

function endedPod({ kind, type, object }: Seen): V1Pod | undefined {
  const pod = object as unknown as V1Pod;
  const ended = kind === "Pod" && type === "MODIFIED" && /^(Succeeded|Failed)$/.test(pod.status?.phase ?? "");
  return ended ? pod : undefined;
}

/** @returns the logs of all pods of a hook that have ended so far */
export function hookLogs({ keptLogs }: Pick<World, "keptLogs">, name: string): string {
  return keptLogs
    .filter(({ where }) => where.includes(`/pods/${name}-`))
    .map(({ text }) => text)
    .join("");
}

/** @returns the root token, recorded while it was in custody, between init and configure */
export function rootTokenOf({ recorder }: World): string {
  const token = recorder.seen.flatMap((seen) => rootTokenIn(seen, "vault-custody") ?? [])[0];
  if (token === undefined) throw new Error("the recorder never saw a root token in custody");
  return token;
}

function rootTokenIn(seen: Seen, namespace: string): string | undefined {
  return secretData(seen, namespace, /^vault-(root-token|init-answer)$/)["token"];
}

/** @returns every secret value of this cluster, also of the Vaults outside Argo CD */
export function needlesOf(world: World): Needle[] {
  const { seen } = world.recorder;
  const custodies = distinct(seen.flatMap(({ object: { metadata } }) => metadata.namespace ?? [])).filter((each) =>
    each.endsWith("-custody"),
  );
  const custodySecrets = (namespace: string) =>
    seen.flatMap((each) => Object.entries(secretData(each, namespace, /^vault-(unseal-keys|init-answer)$/)));
  const shares = custodies.flatMap(custodySecrets).filter(([key]) => key.startsWith("share-"));
  const tokens = custodies.flatMap((namespace) => seen.flatMap((each) => rootTokenIn(each, namespace) ?? []));
  const passwords = seen
    .filter(({ kind, object: { metadata } }) => kind === "Secret" && metadata.namespace === "app")
    .flatMap((each) => dataOf(each)["password"] ?? []);
  const fromSecrets = seen.flatMap((each) => Object.values(secretData(each, "vault", /^(shop-database|people-oidc)$/)));
  return [
    ...named("a value of the configuration", fromSecrets),
    ...named("a root token", tokens),
    ...named(
      "an unseal key",
      shares.map(([, value]) => value),
    ),
    ...named("a generated value", passwords),
  ];
}

function named(name: string, values: readonly string[]): Needle[] {
  return distinct(values).map((value) => ({ name, value }));
}

function secretData(seen: Seen, namespace: string, name: RegExp): Record<string, string> {
  const { metadata } = seen.object;
  const wanted = seen.kind === "Secret" && metadata.namespace === namespace && name.test(metadata.name);
  return wanted ? dataOf(seen) : {};
}

function dataOf({ object }: Seen): Record<string, string> {
  const entries = Object.entries((object as unknown as V1Secret).data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** @returns the current hook Jobs, by name */
export async function hookJobs(api: Api): Promise<Record<string, V1Job>> {
  const jobs = await api.list<V1Job>("/apis/batch/v1/namespaces/vault/jobs");
  const hooks = jobs.filter(({ metadata }) => hookNames.some((name) => name === metadata?.name));
  return Object.fromEntries(hooks.map((job) => [job.metadata?.name ?? "", job]));
}

/** @returns the hooks that have run again since, and succeeded */
export function ranSince(before: Record<string, V1Job>, after: Record<string, V1Job>): string[] {
  return hookNames.filter((name) => {
    const job = after[name];
    return job?.status?.succeeded === 1 && job.metadata?.uid !== before[name]?.metadata?.uid;
  });
}

/** Waits until a sync has run all four hooks again, and has succeeded. */
export async function hooksFinished(api: Api, before: Record<string, V1Job>): Promise<void> {
  await until("the four hooks to have succeeded", deadlineIn(120_000), async () => {
    const ran = ranSince(before, await hookJobs(api));
    const { status } = await application(api, "vault");
    return ran.length === hookNames.length && status?.operationState?.phase === "Succeeded" ? true : undefined;
  });
}
