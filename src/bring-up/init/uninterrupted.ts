import { withMembers } from "../../connect/connection.ts";
import { openCustody } from "../../custody/open-custody.ts";
import { connectKube } from "../../kube/client.ts";
import { uninterruptible } from "../../signals.ts";
import { deadlineIn, renewedDeadline } from "../../util/deadline.ts";
import type { BringUp } from "../context.ts";
import { initCallMs } from "../time-limits.ts";

/** The longest one call to Kubernetes is tried, in milliseconds. Its error is then logged, and the call is retried. */
const oneCallMs = 20_000;

/**
 * Runs `act` with connections of its own, which neither --timeout nor a signal ends. Only for calling init and
 * storing its response.
 *
 * @param act is given the same context with those connections
 */
export async function uninterrupted<T>(bringUp: BringUp, act: (held: BringUp) => Promise<T>): Promise<T> {
  const { deadline, log } = bringUp.cluster.run;
  const logStop = () =>
    log.warn({}, "not stopping before the response of init is stored: this process has the only copy");
  deadline.signal.addEventListener("abort", logStop);
  try {
    return await uninterruptible(() => withOwnConnections(bringUp, act));
  } finally {
    deadline.signal.removeEventListener("abort", logStop);
  }
}

async function withOwnConnections<T>({ cluster, recovery }: BringUp, act: (held: BringUp) => Promise<T>): Promise<T> {
  const { settings } = cluster.run;
  const run = { ...cluster.run, deadline: deadlineIn(initCallMs) };
  const kube = await connectKube(settings, renewedDeadline(oneCallMs), true);
  return await withMembers({ ...cluster, run, kube }, async (ownCluster) => {
    const custody = openCustody(kube, settings.custodyNamespace);
    return await act({ cluster: ownCluster, custody, recovery });
  });
}
