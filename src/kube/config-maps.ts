import type { CoreV1Api, V1ConfigMap } from "@kubernetes/client-node";
import type { ApiCall } from "./api-call.ts";
import type { Call } from "./call.ts";
import type { ConfigMap, Kube } from "./kube.ts";

type ConfigMaps = Pick<Kube, "configMap" | "createConfigMap" | "replaceConfigMap">;

/** Calls for ConfigMaps. */
export function configMaps(call: Call, core: CoreV1Api): ConfigMaps {
  async function read(namespace: string, name: string): Promise<V1ConfigMap | undefined> {
    const act = (options: object) => core.readNamespacedConfigMap({ namespace, name }, options);
    return await call<V1ConfigMap | undefined>(configMapCall("get", namespace, name), act, {
      expected: { 404: undefined },
    });
  }
  return {
    configMap: async (namespace, name) => toConfigMap(await read(namespace, name)),
    async createConfigMap(namespace, name, data, dryRun = false) {
      const body = { metadata: { name, namespace }, data };
      const act = async (options: object) => {
        await core.createNamespacedConfigMap({ namespace, body, ...(dryRun ? { dryRun: "All" } : {}) }, options);
        return true;
      };
      return await call(configMapCall("create", namespace, name), act, { expected: { 409: false } });
    },
    async replaceConfigMap(namespace, { name, resourceVersion, data }) {
      // read again for its labels and annotations, which a replacement would remove
      const found = await read(namespace, name);
      if (found?.metadata?.resourceVersion !== resourceVersion) return false;
      const body = { metadata: found.metadata, data: { ...data } };
      const act = async (options: object) => {
        await core.replaceNamespacedConfigMap({ namespace, name, body }, options);
        return true;
      };
      return await call(configMapCall("update", namespace, name), act, { expected: { 404: false, 409: false } });
    },
  };
}

function configMapCall(verb: ApiCall["verb"], namespace: string, name: string): ApiCall {
  return { verb, kind: "ConfigMap", resource: "configmaps", namespace, name };
}

function toConfigMap(found: V1ConfigMap | undefined): ConfigMap | undefined {
  if (found === undefined) return undefined;
  const { name = "", resourceVersion = "" } = found.metadata ?? {};
  return { name, resourceVersion, data: found.data ?? {} };
}
