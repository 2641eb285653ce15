import { openMembers } from "../../connect/members.ts";
import { secretCustody } from "../../custody/kubernetes-secret.ts";
import { connectKube } from "../../kube/client.ts";
import { unbroken } from "../../signals.ts";
import { type Deadline, deadlineIn } from "../../util/deadline.ts";
import type { BringUp } from "../context.ts";
import { initCallMs } from "../time-limits.ts";

/** Each call to Kubernetes fails after that, so that what hinders it is told while it lasts. */
const oneCallMs = 20_000;

/**
 * Runs what must not be broken off once it has begun, with connections of its own that neither --timeout nor any signal
 * ends. Only init's call and the keeping of its answer are such.
 */
export async function uninterrupted<T>(bringUp: BringUp, act: (lasting: BringUp) => Promise<T>): Promise<T> {
  const { deadline, log } = bringUp.cluster.run;
  const tell = () => log.warn({}, "not stopping before the answer of init is kept: it exists once");
  deadline.signal.addEventListener("abort", tell);
  try {
    return await unbroken(() => connectedAnew(bringUp, act));
  } finally {
    deadline.signal.removeEventListener("abort", tell);
  }
}

async function connectedAnew<T>({ cluster, recovery }: BringUp, act: (lasting: BringUp) => Promise<T>): Promise<T> {
  const { settings } = cluster.run;
  const run = { ...cluster.run, deadline: deadlineIn(initCallMs) };
  const kube = await connectKube(settings, anew(oneCallMs), true);
  const members = openMembers(run, kube, cluster.statefulSet);
  try {
    const custody = secretCustody(kube, settings.custodyNamespace);
    return await act({ cluster: { ...cluster, run, kube, members }, custody, recovery });
  } finally {
    await members.close();
  }
}

/** A deadline that begins anew with whatever looks at it. */
function anew(timeoutMs: number): Deadline {
  return {
    get at() {
      return Date.now() + timeoutMs;
    },
    get signal() {
      return AbortSignal.timeout(timeoutMs);
    },
  };
}
