import { secretCustody } from "../custody/kubernetes-secret.ts";
import { connectKube } from "../kube/client.ts";
import { deadlineIn } from "../util/deadline.ts";
import type { BringUp } from "./context.ts";
import { openReach } from "./reach.ts";

/** Longer than Vault ever takes to answer init, and than Kubernetes takes to come back from a rolling restart. */
const patienceMs = 180_000;

/**
 * Runs what must not be broken off once it has begun, with connections of its own that neither --timeout nor SIGTERM
 * ends. Only init's call and the keeping of its answer are such.
 */
export async function lasting<T>({ cluster, recovery }: BringUp, act: (lasting: BringUp) => Promise<T>): Promise<T> {
  const { settings } = cluster.run;
  const run = { ...cluster.run, deadline: deadlineIn(patienceMs) };
  const kube = await connectKube(settings, run.deadline);
  const reach = openReach(run, kube, cluster.statefulSet);
  try {
    const custody = secretCustody(kube, settings.custodyNamespace);
    return await act({ cluster: { ...cluster, run, kube, reach }, custody, recovery });
  } finally {
    await reach.close();
  }
}
