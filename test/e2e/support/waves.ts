import type { V1Job } from "@kubernetes/client-node";
import type { Api, KubeObject } from "./api.ts";
import { allObjects } from "./places.ts";
import type { Recorder } from "./recorder.ts";
import { created, hookEnd, hookNames } from "./timeline.ts";

const laterApplications = ["vault-secrets-operator", "demo", "guestbook"];
const laterNamespaces = ["app", "guestbook"];
/** The namespace itself comes early, because NetworkPolicies of Vault look at its label. Its objects come later. */
const operatorNamespace = "vault-secrets-operator-system";
/** Objects that Kubernetes creates in every namespace. */
const ofEveryNamespace = ["default", "kube-root-ca.crt"];

type Result = { readonly looked: number; readonly tooEarly: readonly string[] };

/**
 * Checks that every object of the later waves was created after the last hook had ended. The API server's times are whole
 * seconds. Within the same second, the recorded etcd revisions decide.
 */
export async function laterWaves(api: Api, recorder: Recorder): Promise<Result> {
  const end = hookNames
    .map((name) => hookEnd(recorder.seen, name))
    .reduce((last, each) => (each && (!last || each.revision > last.revision) ? each : last));
  if (end === undefined) throw new Error("no hook ended");
  const endSecond = completionSecond(recorder, end.revision);
  const later = (await allObjects(api)).filter(({ object }) => isLater(object));
  const tooEarly = later.flatMap(({ path, object: { metadata } }) => {
    const second = Math.floor(Date.parse(metadata.creationTimestamp) / 1000);
    if (second > endSecond) return [];
    const kind = path.split("/").at(-1) ?? "";
    const first = recorder.seen.find(({ type, object }) => type === "ADDED" && object.metadata.uid === metadata.uid);
    if (second === endSecond && first && first.revision > end.revision) return [];
    return [`${kind} ${metadata.namespace ?? ""}/${metadata.name}, created ${metadata.creationTimestamp}`];
  });
  return { looked: later.length, tooEarly };
}

/** @returns when the last hook ended, in whole seconds of the API server's clock */
function completionSecond(recorder: Recorder, revision: number): number {
  const job = recorder.seen.find((each) => each.kind === "Job" && each.revision === revision)?.object as unknown;
  const conditions = (job as V1Job | undefined)?.status?.conditions ?? [];
  const ended = conditions.find(({ type }) => type === "Complete" || type === "Failed");
  return Math.floor(Date.parse(String(ended?.lastTransitionTime)) / 1000);
}

function isLater({ kind, metadata }: KubeObject): boolean {
  const tracking = metadata.annotations?.["argocd.argoproj.io/tracking-id"] ?? "";
  return (
    laterApplications.some((name) => tracking.startsWith(`${name}:`)) ||
    laterNamespaces.some((name) => metadata.namespace === name || (kind === undefined && metadata.name === name)) ||
    (metadata.namespace === operatorNamespace && !ofEveryNamespace.includes(metadata.name)) ||
    (metadata.namespace === "argocd" && tracking.startsWith("root:argoproj.io/Application:") && isLaterName(metadata))
  );
}

function isLaterName({ name }: KubeObject["metadata"]): boolean {
  return laterApplications.includes(name);
}

/** @returns the hooks that started before the previous hook had ended */
export function overlapping({ seen }: Recorder): string[] {
  return hookNames.filter((name, i) => {
    const before = hookNames[i - 1];
    if (before === undefined) return false;
    const [start, end] = [created(seen, "Job", "vault", name), hookEnd(seen, before)];
    return !start || !end || start.revision < end.revision;
  });
}
