import type { CoreV1Api, V1Namespace, V1ServiceAccount } from "@kubernetes/client-node";
import { secret } from "../redact.ts";
import type { Deadline } from "../util/deadline.ts";
import type { Call } from "./call.ts";
import type { Kube } from "./kube.ts";

type Namespaces = Pick<Kube, "namespace" | "ensureNamespace" | "ensureServiceAccount" | "token">;

const restricted = Object.fromEntries(
  ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
);

/**
 * Reads namespaces, and creates objects that Git has not deployed yet, for a run from a laptop: custody's namespace, the login's
 * ServiceAccount.
 */
export function namespaces(call: Call, core: CoreV1Api): Namespaces {
  async function find(name: string, deadline?: Deadline): Promise<V1Namespace | undefined> {
    const read = (options: object) => core.readNamespace({ name }, options);
    const expected = { 404: undefined };
    const apiCall = { verb: "get", kind: "Namespace", resource: "namespaces", name } as const;
    return await call<V1Namespace | undefined>(apiCall, read, { expected, ...(deadline && { deadline }) });
  }
  return {
    async namespace(name, deadline) {
      const metadata = (await find(name, deadline))?.metadata;
      if (metadata?.creationTimestamp === undefined) return undefined;
      const { creationTimestamp: createdAt, deletionTimestamp } = metadata;
      return { createdAt, deleting: deletionTimestamp !== undefined };
    },
    async ensureNamespace(name) {
      const apiCall = { kind: "Namespace", resource: "namespaces", name } as const;
      if ((await find(name)) !== undefined) return;
      const body = { metadata: { name, labels: restricted } };
      const create = (options: object) => core.createNamespace({ body }, options);
      await call<unknown>({ verb: "create", ...apiCall }, create, { expected: { 409: undefined } });
    },
    async ensureServiceAccount(namespace, name) {
      const apiCall = { kind: "ServiceAccount", resource: "serviceaccounts", namespace, name } as const;
      const read = (options: object) => core.readNamespacedServiceAccount({ namespace, name }, options);
      const expected = { 404: undefined };
      const found = await call<V1ServiceAccount | undefined>({ verb: "get", ...apiCall }, read, { expected });
      if (found !== undefined) return;
      const body = { metadata: { name, namespace }, automountServiceAccountToken: false };
      const create = (options: object) => core.createNamespacedServiceAccount({ namespace, body }, options);
      await call<unknown>({ verb: "create", ...apiCall }, create, { expected: { 409: undefined } });
    },
    token: (namespace, name, audience, seconds) => requestToken(call, core, { namespace, name, audience, seconds }),
  };
}

type TokenRequest = { namespace: string; name: string; audience: string; seconds: number };

/** @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ */
async function requestToken(call: Call, core: CoreV1Api, request: TokenRequest): Promise<string> {
  const { namespace, name, audience, seconds } = request;
  const body = { spec: { audiences: [audience], expirationSeconds: seconds } };
  const create = (options: object) => core.createNamespacedServiceAccountToken({ namespace, name, body }, options);
  const kind = { kind: "token of ServiceAccount", resource: "serviceaccounts/token" };
  const answer = await call({ verb: "create", ...kind, namespace, name }, create);
  return secret(answer.status?.token ?? "");
}
