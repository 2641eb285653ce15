import { hostname } from "node:os";
import type { CustomObjectsApi } from "@kubernetes/client-node";
import type { Call } from "./call.ts";
import type { Kube, NewEvent } from "./kube.ts";

/** Who reports, for `kubectl get events` and for tools that filter by it. */
const reportingController = "vault-hooks.dev/hooks";
/** The API server refuses a longer note. */
const longestNote = 1024;

/**
 * Calls for Events.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export function events(call: Call, api: CustomObjectsApi): Pick<Kube, "createEvent"> {
  return {
    async createEvent(event, deadline) {
      const { namespace } = event.regarding;
      const request = { group: "events.k8s.io", version: "v1", plural: "events", namespace, body: bodyOf(event) };
      const create = (options: object): Promise<unknown> => api.createNamespacedCustomObject(request, options);
      const apiCall = { verb: "create", kind: "Event", resource: "events.events.k8s.io", namespace } as const;
      await call(apiCall, create, { expected: { 409: undefined }, ...(deadline && { deadline }) });
    },
  };
}

function bodyOf({ name, type, reason, action, note, regarding, at }: NewEvent): object {
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name, namespace: regarding.namespace },
    // a time with microseconds, as the API server expects it
    eventTime: at.toISOString().replace("Z", "000Z"),
    reportingController,
    reportingInstance: hostname().slice(0, 128),
    type,
    reason,
    action,
    note: cut(note),
    regarding: {
      apiVersion: `${regarding.group}/${regarding.version}`,
      kind: regarding.kind,
      namespace: regarding.namespace,
      name: regarding.name,
      uid: regarding.uid,
    },
  };
}

function cut(note: string): string {
  const bytes = Buffer.from(note);
  // cuts no character in half
  return bytes.length <= longestNote
    ? note
    : new TextDecoder().decode(bytes.subarray(0, longestNote - 3), { stream: true });
}
