import { type Manifest, only, render } from "../helpers/manifests.ts";
import type { End, NetworkPolicy, Pod } from "./network.ts";

type Workload = Manifest & {
  spec: {
    template: {
      metadata: { labels: Record<string, string> };
      spec: { containers: { ports?: { name: string; containerPort: number }[] }[] };
    };
  };
};

/** A connection, by the names of {@link networkOf}. */
export type Flow = readonly [from: string, to: string, port: number, protocol: "TCP" | "UDP"];

export type Network = {
  readonly policies: readonly NetworkPolicy[];
  readonly namespaces: readonly Manifest[];
  readonly ends: Readonly<Record<string, End>>;
};

const callers = ["init", "unseal", "join", "configure", "drift", "watcher"];
const apiPorts = [443, 6443, 8443, 16443];

function tcp(from: string, to: string, ...ports: number[]): Flow[] {
  return ports.map((port) => [from, to, port, "TCP"]);
}

/** What must work. */
export const openFlows: readonly Flow[] = [
  ...callers.flatMap((name) => [
    ...tcp(name, "a member", 8200),
    ...tcp(name, "outside", ...apiPorts),
    // DNS in a pod, OpenShift's, and a cache on the node
    ...(["UDP", "TCP"] as const).flatMap((protocol): Flow[] => [
      [name, "a DNS pod", 53, protocol],
      [name, "a DNS pod", 5353, protocol],
      [name, "outside", 53, protocol],
    ]),
  ]),
  ...tcp("a member", "another member", 8200, 8201),
  ...tcp("the operator", "a member", 8200),
  ...tcp("the CSI provider", "a member", 8200),
  ...tcp("a pod of a labelled namespace", "a member", 8200),
  ...tcp("Prometheus", "watcher", 8080),
  ...tcp("outside", "the agent injector", 8080),
  // the token review, the labels of its own pod, auto-unseal, and what its secrets engines and auth methods call
  ...tcp("a member", "outside", 443, 6443, 5432),
];

/** What must not work. */
export const closedFlows: readonly Flow[] = [
  ...callers.flatMap((name) => [
    ...tcp(name, "a member", 8201),
    ...tcp(name, "outside", 80, 22, 8080),
    ...tcp(name, "a pod of another team", 8200),
  ]),
  ...tcp("the demo", "a member", 8200),
  ...tcp("a pod of another team", "a member", 8200),
  ...tcp("a pod that calls itself a member", "a member", 8201),
  ...tcp("another pod beside the watcher", "a member", 8200),
  ...tcp("Prometheus", "a member", 8200),
  ...tcp("outside", "a member", 8200),
  ...tcp("the operator", "a member", 8201),
  ...tcp("the CSI provider", "a member", 8201),
  ...tcp("a pod of a labelled namespace", "a member", 8201),
  ...tcp("a pod of another team", "watcher", 8080),
  ...tcp("a member", "watcher", 8080),
  ...tcp("a member", "configure", 8200),
  ...tcp("the demo", "init", 8080),
  ...tcp("a pod in custody", "a member", 8200),
  ...tcp("a pod in custody", "outside", 443),
  ...tcp("the demo", "a pod in custody", 8080),
];

/** The policies, namespaces and pods of an installation of apps/, with some of others. Renders everything. */
export async function networkOf(): Promise<Network> {
  const [apps, hooks, watcher] = [await render("apps"), await render("hooks"), await render("hooks/watch")];
  const { metadata, spec } = only(hooks, "CronJob", "vault-drift") as Manifest & { spec: { jobTemplate: Workload } };
  // the labels that the official chart gives the pods of its release `vault`
  const member = pod("vault", { "app.kubernetes.io/name": "vault", component: "server" });
  const namespaces = apps.filter(({ kind }) => kind === "Namespace");
  return {
    policies: policiesOf([...apps, ...hooks, ...watcher]),
    namespaces,
    ends: withLabels(namespaces, {
      ...Object.fromEntries(callers.slice(0, 4).map((name) => [name, podOf(only(hooks, "Job", `vault-${name}`))])),
      drift: podOf({ ...spec.jobTemplate, metadata }),
      watcher: podOf(only(watcher, "Deployment", "vault-watch")),
      "a member": member,
      "another member": member,
      "the agent injector": pod("vault", { "app.kubernetes.io/name": "vault-agent-injector", component: "webhook" }),
      "the CSI provider": pod("vault", { "app.kubernetes.io/name": "vault-csi-provider" }),
      "the operator": pod("vault-secrets-operator-system", { "control-plane": "controller-manager" }),
      "the demo": pod("app", { "app.kubernetes.io/name": "demo" }),
      "a pod of another team": pod("other", { "app.kubernetes.io/name": "vault-hooks" }),
      "a pod that calls itself a member": pod("other", { "app.kubernetes.io/name": "vault", component: "server" }),
      "another pod beside the watcher": pod("vault-watch", { app: "x" }),
      "a pod in custody": pod("vault-custody", {}),
      "a pod of a labelled namespace": pod("team", {}, { "vault-hooks.dev/vault-client": "true" }),
      Prometheus: pod("monitoring", {}, { "vault-hooks.dev/metrics-client": "true" }),
      "a DNS pod": pod("kube-system", { "k8s-app": "kube-dns" }),
      outside: "outside",
    }),
  };
}

export function policiesOf(manifests: readonly Manifest[]): NetworkPolicy[] {
  return manifests.filter(({ kind }) => kind === "NetworkPolicy") as NetworkPolicy[];
}

function podOf(manifest: Manifest): Pod {
  const { metadata, spec } = manifest as Workload;
  const ports = (spec.template.spec.containers[0]?.ports ?? []).map((each) => [each.name, each.containerPort]);
  return {
    namespace: metadata.namespace ?? "",
    labels: spec.template.metadata.labels,
    ports: Object.fromEntries(ports),
  };
}

function pod(namespace: string, labels: Record<string, string>, namespaceLabels: Record<string, string> = {}): Pod {
  return { namespace, labels, namespaceLabels };
}

/** Adds the labels that apps/ gives to the namespaces. */
function withLabels(namespaces: readonly Manifest[], ends: Record<string, End>): Record<string, End> {
  return Object.fromEntries(
    Object.entries(ends).map(([name, end]) => {
      if (end === "outside") return [name, end];
      const made = namespaces.find(({ metadata }) => metadata.name === end.namespace);
      return [name, { ...end, namespaceLabels: { ...made?.metadata.labels, ...end.namespaceLabels } }];
    }),
  );
}
