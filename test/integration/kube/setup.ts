import { connectKube } from "../../../src/kube/client.ts";
import type { Kube } from "../../../src/kube/kube.ts";
import type { KubeSettings } from "../../../src/kube/load-config.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";

/** Settings that name this kubeconfig and nothing else. */
export function settingsFor(kubeconfig: string | undefined, more: Partial<KubeSettings> = {}): KubeSettings {
  return {
    kubeconfig,
    context: undefined,
    kubeDefaults: { files: [], inCluster: false, home: undefined },
    ...more,
  };
}

/** @param timeoutMs after which every wait ends */
export async function connect(kubeconfig: string, timeoutMs = 30_000, stop?: AbortSignal): Promise<Kube> {
  return await connectKube(settingsFor(kubeconfig), deadlineIn(timeoutMs, stop));
}

/** What a promise was rejected with. @throws Error if it was fulfilled */
export async function failure(promise: Promise<unknown>): Promise<{ exitCode: number; message: string; todo: string }> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) return outcome.error as { exitCode: number; message: string; todo: string };
  throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`);
}
