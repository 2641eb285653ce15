import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parse } from "yaml";
import type { Manifest } from "./manifests.ts";

type Generator = { name: string; files?: string[] };

/** What the API server takes as one object: etcd's own limit is little above it. */
const maxBytes = 1024 * 1024;

/**
 * Holds the folder of the desired state against the generator that makes it a ConfigMap.
 *
 * @param hooks folder with kustomization.yaml and config/
 * @returns what is wrong, a line each
 */
export async function generatorErrors(hooks: string): Promise<string[]> {
  const kustomization = parse(await readFile(join(hooks, "kustomization.yaml"), "utf8")) as {
    configMapGenerator: Generator[];
  };
  const entries = kustomization.configMapGenerator
    .filter(({ name }) => name.startsWith("vault-hooks-config"))
    .flatMap(({ files = [] }) => files);
  const listed = new Set(entries.map((entry) => entry.slice(entry.indexOf("=") + 1)));
  const errors: string[] = [];
  for (const file of await filesBelow(join(hooks, "config"))) {
    const path = relative(hooks, file);
    const entry = `${relative(join(hooks, "config"), file).replaceAll("/", "__")}=${path}`;
    if (!listed.has(path)) errors.push(`hooks/${path} is not listed in hooks/kustomization.yaml: add "- ${entry}"`);
    else if (!entries.includes(entry)) errors.push(`hooks/${path} must be listed as "- ${entry}"`);
  }
  return errors;
}

/** @returns an error for a ConfigMap that the API server would refuse for its size, in bytes of its keys and values */
export function sizeErrors(manifest: Manifest): string[] {
  if (manifest.kind !== "ConfigMap") return [];
  const data = Object.entries((manifest["data"] ?? {}) as Record<string, string>);
  const bytes = data.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (bytes <= maxBytes) return [];
  return [
    `ConfigMap ${manifest.metadata.name} has ${bytes} bytes, above 1 MiB: split it into several, each a generator of its own, ` +
      "and mount them together (a projected volume in the init and configure Jobs)",
  ];
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
}
