import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { refreshAnnotation } from "../../cluster/applications.ts";
import { publish, workDir } from "../../cluster/cluster.ts";
import type { Api, KubeObject } from "./api.ts";
import { type Application, application } from "./argo.ts";

/** The attacker's Application, its project, and its folder in the served repository. */
const name = "attack";
const folder = join(workDir, name);
const group = "/apis/argoproj.io/v1alpha1/namespaces/argocd";
const path = `${group}/applications/${name}`;
const server = "https://kubernetes.default.svc";
const finalizer = "resources-finalizer.argocd.argoproj.io";

/** The custody namespace, with annotations that overrule those that keep it: then only the policy is left. */
const namespaceFile = `apiVersion: v1
kind: Namespace
metadata:
  name: vault-custody
  annotations:
    argocd.argoproj.io/sync-options: Prune=true,Delete=true
`;
/** Argo CD does not prune the last object of an Application. */
const otherFile = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n  namespace: vault-custody\n";

type Source = { readonly repoURL: string; readonly targetRevision: string };

/** Creates an Application in a project of its own, which may own every kind in custody, and waits until it has taken the namespace over. */
export async function takeOver(api: Api): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "namespace.yaml"), namespaceFile);
  await writeFile(join(folder, "other.yaml"), otherFile);
  await publish("Attack: take custody over");
  const { source } = (await application(api, "root")).spec as unknown as { source: Source };
  const { repoURL, targetRevision } = source;
  const metadata = { name, namespace: "argocd" };
  const any = [{ group: "*", kind: "*" }];
  const destination = { server, namespace: "vault-custody" };
  await api.post(`${group}/appprojects`, {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "AppProject",
    metadata,
    spec: { sourceRepos: [repoURL], destinations: [destination], clusterResourceWhitelist: any },
  });
  await api.post(`${group}/applications`, {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata,
    spec: {
      project: name,
      source: { repoURL, targetRevision, path: name },
      destination,
      syncPolicy: { automated: { prune: true, selfHeal: true }, retry: { limit: 2, backoff: { duration: "2s" } } },
    },
  });
  await until("the attacker's Application to own the custody namespace", deadlineIn(120_000), async () => {
    const { metadata: found } = await api.get("/api/v1/namespaces/vault-custody");
    return found.annotations?.["argocd.argoproj.io/tracking-id"]?.startsWith(`${name}:`) ? true : undefined;
  });
}

/** Removes the namespace from the attacker's folder. @returns the reason why Argo CD could not prune it */
export async function pruneCustody(api: Api): Promise<string> {
  await rm(join(folder, "namespace.yaml"));
  await publish("Attack: prune custody");
  await api.patch(path, { metadata: { annotations: { [refreshAnnotation]: "normal" } } });
  return await untilSaid(api, "Argo CD to try to prune custody", ({ operationState }) =>
    (operationState?.syncResult?.resources ?? []).map(({ message }) => message ?? ""),
  );
}

/** Deletes the attacker's Application with everything that it owns. @returns the reason why Argo CD could not delete custody */
export async function cascade(api: Api): Promise<string> {
  await api.patch(path, { metadata: { finalizers: [finalizer] } });
  await api.remove(path);
  return await untilSaid(api, "Argo CD to try to delete custody with its Application", ({ conditions }) =>
    (conditions ?? []).map(({ message }) => message),
  );
}

type Status = NonNullable<Application["status"]>;

/** Waits for a message that names a policy of custody. */
async function untilSaid(api: Api, what: string, messagesOf: (status: Status) => readonly string[]): Promise<string> {
  return await until(what, deadlineIn(180_000), async () => {
    const { status } = await application(api, name);
    return messagesOf(status ?? {}).find((message) => message.includes("protect-custody.vault-custody"));
  });
}

/** Removes the attacker's Application, its project, its folder and its ConfigMap. The namespace stays. */
export async function endAttack(api: Api): Promise<void> {
  if ((await api.find(path)) !== undefined) {
    await api.patch(path, { metadata: { finalizers: null } });
    await api.remove(path);
  }
  await api.remove(`${group}/appprojects/${name}`);
  await api.remove("/api/v1/namespaces/vault-custody/configmaps/other");
  await rm(folder, { recursive: true, force: true });
  await publish("End the attack");
}

/** Identifies the custody namespace and everything in it that must never be lost: name, UID and data of each object. */
export async function custodyObjects(api: Api): Promise<object[]> {
  const base = "/api/v1/namespaces/vault-custody";
  const paths = [base, `${base}/secrets/vault-unseal-keys`, `${base}/configmaps/vault-init-record`];
  return await Promise.all(
    paths.map(async (each) => {
      const { metadata, data } = await api.get<KubeObject & { readonly data?: object }>(each);
      const { deletionTimestamp } = metadata as { readonly deletionTimestamp?: string };
      return { name: metadata.name, uid: metadata.uid, data, deletionTimestamp };
    }),
  );
}
