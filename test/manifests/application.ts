import type { Manifest } from "../helpers/manifests.ts";

export type Source = {
  repoURL: string;
  targetRevision: string;
  path?: string;
  chart?: string;
  helm?: { valuesObject: Record<string, unknown> };
};
type Retry = { limit: number; refresh: boolean; backoff: { duration: string; factor: number; maxDuration: string } };

export type Application = Manifest & {
  spec: {
    project: string;
    source?: Source;
    sources?: Source[];
    destination: { namespace: string };
    syncPolicy: { automated: object; syncOptions: string[]; retry: Retry };
  };
};

export type AppProject = Manifest & {
  spec: { sourceRepos: string[]; destinations: { namespace: string }[]; namespaceResourceWhitelist?: object[] };
};

/** The sources of an Application, whether it has one or several. */
export function sourcesOf({ spec }: Application): Source[] {
  return spec.sources ?? (spec.source ? [spec.source] : []);
}
