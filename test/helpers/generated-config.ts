import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parse } from "yaml";
import type { Manifest } from "./manifests.ts";

type Kustomization = { configMapGenerator: { name: string; files?: string[] }[]; patches?: { path?: string }[] };

/** The API server's limit for one object; etcd's own is a little above it. */
const maxBytes = 1024 * 1024;

/**
 * Compares a kustomization with the files that its generators must list: the desired state, and what changes the Jobs.
 *
 * @param hooks folder with kustomization.yaml and config/
 * @returns one line for each mistake
 */
export async function generatorErrors(hooks: string): Promise<string[]> {
  const kustomization = parse(await readFile(join(hooks, "kustomization.yaml"), "utf8")) as Kustomization;
  return [...(await configErrors(hooks, kustomization)), ...changeErrors(kustomization)];
}

async function configErrors(hooks: string, kustomization: Kustomization): Promise<string[]> {
  const entries = listedFiles(kustomization, "vault-hooks-config");
  const listed = new Set(entries.map(pathOf));
  const errors: string[] = [];
  for (const file of await filesBelow(join(hooks, "config"))) {
    const path = relative(hooks, file);
    const entry = `${relative(join(hooks, "config"), file).replaceAll("/", "__")}=${path}`;
    if (!listed.has(path)) errors.push(`hooks/${path} is not listed in hooks/kustomization.yaml: add "- ${entry}"`);
    else if (!entries.includes(entry)) errors.push(`hooks/${path} must be listed as "- ${entry}"`);
  }
  return errors;
}

/** Argo CD does not compare hooks: a file that changes a Job must be in an ordinary object, or the hooks would not run. */
function changeErrors(kustomization: Kustomization): string[] {
  const listed = new Set(listedFiles(kustomization, "vault-hooks-kustomization").map(pathOf));
  const patches = (kustomization.patches ?? []).flatMap(({ path }) => path ?? []);
  return ["kustomization.yaml", ...patches]
    .filter((file) => !listed.has(file))
    .map(
      (file) => `hooks/${file} is not listed under vault-hooks-kustomization: a change to it would not run the hooks`,
    );
}

function listedFiles({ configMapGenerator }: Kustomization, prefix: string): string[] {
  return configMapGenerator.filter(({ name }) => name.startsWith(prefix)).flatMap(({ files = [] }) => files);
}

/** The path in an entry of `files`, which is PATH or KEY=PATH. */
function pathOf(entry: string): string {
  return entry.slice(entry.indexOf("=") + 1);
}

/** @returns an error for a ConfigMap that is too large for the API server, measured in bytes of its keys and values */
export function sizeErrors(manifest: Manifest): string[] {
  if (manifest.kind !== "ConfigMap") return [];
  const data = Object.entries((manifest["data"] ?? {}) as Record<string, string>);
  const bytes = data.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (bytes <= maxBytes) return [];
  return [
    `ConfigMap ${manifest.metadata.name} has ${bytes} bytes, above 1 MiB: split it into several, each with its own generator, ` +
      "and mount them together (a projected volume in the init and configure Jobs)",
  ];
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
}
