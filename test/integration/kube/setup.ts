import { connectKube } from "../../../src/kube/client.ts";
import type { Kube } from "../../../src/kube/kube.ts";
import type { KubeSettings } from "../../../src/kube/load-config.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";

/** Settings with this kubeconfig and nothing else. */
export function settingsFor(kubeconfig: string | undefined, more: Partial<KubeSettings> = {}): KubeSettings {
  return {
    kubeconfig,
    context: undefined,
    kubeDefaults: { files: [], inCluster: false, home: undefined },
    ...more,
  };
}

/** Connects to Kubernetes. @param timeoutMs ends every wait */
export async function connect(kubeconfig: string, timeoutMs = 30_000, stop?: AbortSignal): Promise<Kube> {
  return await connectKube(settingsFor(kubeconfig), deadlineIn(timeoutMs, stop));
}

/** Returns the error that a promise rejects with. @throws Error if it is fulfilled */
export async function failure(promise: Promise<unknown>): Promise<{ exitCode: number; message: string; todo: string }> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) return outcome.error as { exitCode: number; message: string; todo: string };
  throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`);
}
