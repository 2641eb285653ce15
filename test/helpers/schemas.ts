import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { projectDir } from "../cluster/paths.ts";
import { moduleSource } from "../cluster/servers.ts";
import { type Manifest, parseManifests, title } from "./manifests.ts";

type Schema = { [keyword: string]: unknown };
type GroupVersionKind = { group: string; version: string; kind: string };

/** Absolute, or a reference from another schema would be relative to that one. */
const kubernetesId = "schema:kubernetes";

/** Returns one line for each mistake in an object; none for a valid one. */
export type Validate = (manifest: Manifest) => string[];

/**
 * Loads the schemas of Kubernetes, Argo CD and the Vault Secrets Operator from the sources that the test cluster's servers are
 * built from, and of VaultHealth. Unknown fields are errors, since a server drops them silently.
 */
export async function loadSchemas(): Promise<Validate> {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const refs = new Map<string, string>();
  await addKubernetes(ajv, refs);
  for (const [server, folder] of [
    ["argocd", "manifests/crds"],
    ["vault-secrets-operator", "chart/crds"],
  ] as const) {
    await addCrds(ajv, refs, join(await moduleSource(server), folder));
  }
  await addCrds(ajv, refs, join(projectDir, "hooks/watch/kind"));
  return (manifest) => {
    const ref = refs.get(`${manifest.apiVersion} ${manifest.kind}`);
    const check = ref === undefined ? undefined : ajv.getSchema(ref);
    if (!check) return [`${title(manifest)}: no schema for ${manifest.apiVersion} ${manifest.kind}`];
    if (check(manifest)) return [];
    return (check.errors ?? []).map(({ instancePath, message, params }) => {
      const field = "additionalProperty" in params ? ` (${params["additionalProperty"]})` : "";
      return `${title(manifest)}: ${instancePath || "/"} ${message}${field}`;
    });
  };
}

async function addKubernetes(ajv: Ajv, refs: Map<string, string>): Promise<void> {
  const file = join(await moduleSource("kube-apiserver"), "api/openapi-spec/swagger.json");
  const { definitions } = JSON.parse(await readFile(file, "utf8")) as { definitions: Record<string, Schema> };
  ajv.addSchema(close({ $id: kubernetesId, definitions }) as Schema);
  for (const [name, definition] of Object.entries(definitions)) {
    const kinds = (definition["x-kubernetes-group-version-kind"] ?? []) as GroupVersionKind[];
    for (const { group, version, kind } of kinds) {
      refs.set(`${group ? `${group}/` : ""}${version} ${kind}`, `${kubernetesId}#/definitions/${name}`);
    }
  }
}

type Crd = {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: Schema & { properties: Record<string, Schema> } } }[];
  };
};

async function addCrds(ajv: Ajv, refs: Map<string, string>, folder: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const documents = parseManifests(await readFile(join(folder, file), "utf8"));
    for (const { spec } of documents.filter(({ kind }) => kind === "CustomResourceDefinition") as unknown as Crd[]) {
      for (const { name, schema } of spec.versions) {
        const id = `${spec.group}/${name} ${spec.names.kind}`;
        const metadata = { $ref: `${kubernetesId}#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta` };
        const root = schema.openAPIV3Schema;
        const closed = close({ ...root, properties: { ...root.properties, metadata } }) as Schema;
        const $id = `schema:${encodeURI(id)}`;
        ajv.addSchema({ ...closed, $id });
        refs.set(id, $id);
      }
    }
  }
}

/** Makes a schema refuse unknown fields, unless it says that it preserves them. */
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close);
  if (typeof schema !== "object" || schema === null) return schema;
  const closed: Schema = {};
  for (const [key, value] of Object.entries(schema)) closed[key] = close(value);
  if (closed["format"] === "int-or-string") closed["type"] = ["string", "integer"];
  const open = "additionalProperties" in closed || closed["x-kubernetes-preserve-unknown-fields"] === true;
  const describesAnObject = closed["type"] === "object" && typeof closed["properties"] === "object";
  if (describesAnObject && !open) closed["additionalProperties"] = false;
  return closed;
}
