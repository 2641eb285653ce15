import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { projectDir } from "../cluster/paths.ts";
import { run } from "../cluster/run.ts";
import { ensureServers } from "../cluster/servers.ts";

/** A Kubernetes object as it stands in a file. */
export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
  };
  [field: string]: unknown;
};

/** The folders that Argo CD renders: the root's, and one for each Application with a path, whatever they are called. */
export const renderedFolders: readonly string[] = ["apps", ...kustomizations("apps"), "hooks"];

function kustomizations(within: string): string[] {
  const folders = readdirSync(join(projectDir, within)).map((name) => `${within}/${name}`);
  return folders.filter((each) => existsSync(join(projectDir, each, "kustomization.yaml"))).sort();
}

/**
 * What Argo CD makes of a folder of the checkout.
 *
 * @param folder relative to the checkout
 * @throws Error with kustomize's own words when it does not render
 */
export async function render(folder: string): Promise<Manifest[]> {
  const { kustomize } = await ensureServers(["kustomize"]);
  return parseManifests(await run(kustomize, ["build", join(projectDir, folder)]));
}

/** Every document of a YAML stream; empty ones are left out. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((each) => each !== null);
}

/** For messages: Job vault/vault-init */
export function title({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

/** Sync wave of an object; Argo CD takes 0 where none is given. */
export function wave({ metadata }: Manifest): number {
  return Number(metadata.annotations?.["argocd.argoproj.io/sync-wave"] ?? 0);
}

/** The one object of that kind and name. @throws Error when there is none, or more than one */
export function only(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.filter((each) => each.kind === kind && each.metadata.name === name);
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} objects are ${kind} ${name}, not one`);
  return first;
}
