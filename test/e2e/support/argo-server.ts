import type { V1Secret } from "@kubernetes/client-node";
import { secret } from "../../../src/redact.ts";
import type { Api } from "./api.ts";

/** The API of Argo CD's own server, which its UI and its command line use, through the API server. */
const base = "/api/v1/namespaces/argocd/services/https:argocd-server:443/proxy/api/v1";

type Tree = { readonly nodes?: ReadonlyArray<{ readonly kind: string; readonly health?: ShownHealth }> };
export type ShownHealth = { readonly status: string; readonly message?: string };

/** @returns the health of an Application's object as Argo CD's UI shows it; undefined before it shows any */
export async function shownHealth(api: Api, application: string, kind: string): Promise<ShownHealth | undefined> {
  const cookie = `argocd.token=${await login(api)}`;
  const { nodes } = await api.get<Tree>(`${base}/applications/${application}/resource-tree`, { cookie });
  return nodes?.find((node) => node.kind === kind)?.health;
}

/** @returns an Application's manifests, as Argo CD rendered them from Git */
export async function renderedManifests(api: Api, application: string): Promise<string> {
  const cookie = `argocd.token=${await login(api)}`;
  const { manifests } = await api.get<{ manifests: string[] }>(`${base}/applications/${application}/manifests`, {
    cookie,
  });
  return manifests.join("\n");
}

async function login(api: Api): Promise<string> {
  const { data } = await api.get<V1Secret>("/api/v1/namespaces/argocd/secrets/argocd-initial-admin-secret");
  const password = secret(Buffer.from(data?.["password"] ?? "", "base64").toString());
  const { token } = await api.post<{ token: string }>(`${base}/session`, { username: "admin", password });
  return secret(token);
}
