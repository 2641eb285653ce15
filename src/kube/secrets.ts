import type { CoreV1Api, V1Secret } from "@kubernetes/client-node";
import { secret as register } from "../redact.ts";
import type { ApiCall } from "./api-call.ts";
import type { Call } from "./call.ts";
import { deletion } from "./deletion.ts";
import type { Kube, Secret } from "./kube.ts";

type Secrets = Pick<Kube, "secret" | "createSecret" | "addToSecret" | "deleteSecret">;

/** Calls for Secrets. Registers every value that is read or stored, so that no output shows it. */
export function secrets(call: Call, core: CoreV1Api): Secrets {
  return {
    async secret(namespace, name) {
      const apiCall = secretCall("get", namespace, name);
      const read = (options: object) => core.readNamespacedSecret({ namespace, name }, options);
      return toSecret(await call<V1Secret | undefined>(apiCall, read, { expected: { 404: undefined } }));
    },
    async createSecret(namespace, { name, data, immutable = false, annotations = {} }, dryRun = false) {
      // the data of a dry run is filler
      if (!dryRun) for (const value of Object.values(data)) register(value);
      const body = { metadata: { name, namespace, annotations }, type: "Opaque", data: encode(data), immutable };
      const request = { namespace, body, ...(dryRun ? { dryRun: "All" } : {}) };
      const create = (options: object) => core.createNamespacedSecret(request, options);
      const apiCall = secretCall("create", namespace, name);
      const stored = await call<V1Secret | undefined>(apiCall, create, { expected: { 409: undefined } });
      return dryRun ? decode(stored) : toSecret(stored);
    },
    async addToSecret(namespace, name, data, resourceVersion) {
      for (const value of Object.values(data)) register(value);
      const body = { data: encode(data), ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }) };
      const patch = (options: object) => core.patchNamespacedSecret({ namespace, name, body }, options);
      const contentType = "application/merge-patch+json";
      const apiCall = secretCall("patch", namespace, name);
      const expected = { 404: undefined, ...(resourceVersion === undefined ? {} : { 409: undefined }) };
      return toSecret(await call<V1Secret | undefined>(apiCall, patch, { expected, contentType }));
    },
    async deleteSecret(namespace, name, uid, dryRun = false) {
      const body = deletion(uid, dryRun);
      const act = async (options: object) => {
        await core.deleteNamespacedSecret({ namespace, name, body }, options);
        return true;
      };
      const apiCall = secretCall("delete", namespace, name);
      // 409: a Secret of that name exists, with another UID
      return await call(apiCall, act, { expected: { 404: false, 409: false }, afterLostAnswer: { 404: true } });
    },
  };
}

function secretCall(verb: ApiCall["verb"], namespace: string, name: string): ApiCall {
  return { verb, kind: "Secret", resource: "secrets", namespace, name };
}

function encode(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
}

function decode(found: V1Secret | undefined): Secret | undefined {
  if (found === undefined) return undefined;
  const entries = Object.entries(found.data ?? {});
  const data = Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]));
  const { name = "", uid = "", resourceVersion = "" } = found.metadata ?? {};
  return { name, uid, resourceVersion, data };
}

function toSecret(found: V1Secret | undefined): Secret | undefined {
  const secret = decode(found);
  for (const value of Object.values(secret?.data ?? {})) register(value);
  return secret;
}
