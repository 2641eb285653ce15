import type { CustomObjectsApi } from "@kubernetes/client-node";
import type { ApiCall } from "./api-call.ts";
import type { Call } from "./call.ts";
import type { CustomObject, Kube, ObjectRef, PatchOptions } from "./kube.ts";

type CustomObjects = Pick<Kube, "customObject" | "createCustomObject" | "patchCustomObject">;
type Found = CustomObject | undefined;

/** Calls for objects whose kind a CustomResourceDefinition defines. */
export function customObjects(call: Call, api: CustomObjectsApi): CustomObjects {
  const absent = { expected: { 404: undefined }, unknownKind: { value: undefined } };
  return {
    async customObject(ref, deadline) {
      const read = (options: object): Promise<Found> => api.getNamespacedCustomObject(ref, options);
      return await call(callOf("get", ref), read, { ...absent, ...(deadline && { deadline }) });
    },
    async createCustomObject(ref, spec, deadline) {
      const { group, version, kind, namespace, name } = ref;
      const body = { apiVersion: `${group}/${version}`, kind, metadata: { name, namespace }, spec };
      const create = (options: object): Promise<Found> => api.createNamespacedCustomObject({ ...ref, body }, options);
      const expected = { 404: undefined, 409: undefined };
      return await call(callOf("create", ref), create, { ...absent, expected, ...(deadline && { deadline }) });
    },
    async patchCustomObject(ref, patch, { subresource, resourceVersion, deadline }: PatchOptions = {}) {
      const versioned = resourceVersion !== undefined;
      const request = { ...ref, body: versioned ? { ...patch, metadata: { resourceVersion } } : patch };
      const act = (options: object): Promise<Found> =>
        subresource === "status"
          ? api.patchNamespacedCustomObjectStatus(request, options)
          : api.patchNamespacedCustomObject(request, options);
      const contentType = "application/merge-patch+json";
      return await call(callOf("patch", ref, subresource), act, {
        ...absent,
        ...(versioned && { expected: { ...absent.expected, 409: undefined } }),
        contentType,
        ...(deadline && { deadline }),
      });
    },
  };
}

function callOf(verb: ApiCall["verb"], ref: ObjectRef, subresource?: string): ApiCall {
  const { group, plural, kind, namespace, name } = ref;
  const resource = `${plural}.${group}${subresource === undefined ? "" : `/${subresource}`}`;
  return { verb, kind: subresource === undefined ? kind : `${subresource} of ${kind}`, resource, namespace, name };
}
