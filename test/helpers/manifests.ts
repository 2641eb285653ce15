import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { projectDir } from "../cluster/paths.ts";
import { run } from "../cluster/run.ts";
import { ensureServers } from "../cluster/servers.ts";

/** A Kubernetes object as parsed from YAML. */
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

/** The folders that Argo CD renders: the root's, that of each workload in apps/, the hooks', and the watcher's. */
export const renderedFolders: readonly string[] = ["apps", ...kustomizations("apps"), "hooks", "hooks/watch"];

function kustomizations(within: string): string[] {
  const folders = readdirSync(join(projectDir, within)).map((name) => `${within}/${name}`);
  return folders.filter((each) => existsSync(join(projectDir, each, "kustomization.yaml"))).sort();
}

/**
 * Renders a folder as Argo CD does.
 *
 * @param folder relative to the checkout, or absolute
 * @throws Error with kustomize's message when it does not render
 */
export async function render(folder: string): Promise<Manifest[]> {
  const { kustomize } = await ensureServers(["kustomize"]);
  return parseManifests(await run(kustomize, ["build", resolve(projectDir, folder)]));
}

/** Parses every document of a YAML stream, and leaves out empty ones. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((each) => each !== null);
}

/** Names an object in messages: Job vault/vault-init */
export function title({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

/** Argo CD runs hooks, but neither compares them nor notices that one changed. */
export function isHook({ metadata }: Manifest): boolean {
  return metadata.annotations?.["argocd.argoproj.io/hook"] !== undefined;
}

/** @returns an error for an object of apps/ that still has a value which root.yaml should have replaced */
export function placeholderErrors(manifest: Manifest): string[] {
  if (!JSON.stringify(manifest).includes("see-root")) return [];
  return [`${title(manifest)}: "see-root.yaml" was not replaced: give it the label vault-hooks.dev/source: root`];
}

/** Sync wave of an object, 0 by default. */
export function wave({ metadata }: Manifest): number {
  return Number(metadata.annotations?.["argocd.argoproj.io/sync-wave"] ?? 0);
}

/** Finds the one object with this kind and name. @throws Error when there is none, or more than one */
export function only(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.filter((each) => each.kind === kind && each.metadata.name === name);
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`found ${found.length} objects ${kind} ${name}, expected one`);
  return first;
}
