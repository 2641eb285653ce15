import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { type Manifest, only, render } from "../helpers/manifests.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { allows, type End, type NetworkPolicy, type Pod } from "./network.ts";

type Workload = Manifest & {
  spec: {
    template: {
      metadata: { labels: Record<string, string> };
      spec: { containers: { ports?: { name: string; containerPort: number }[] }[] };
    };
  };
};

let apps: Manifest[];
let hooks: Manifest[];
let watcher: Manifest[];
let policies: NetworkPolicy[];
let ends: Record<string, End>;

beforeAll(async () => {
  [apps, hooks, watcher] = [await render("apps"), await render("hooks"), await render("hooks/watch")];
  policies = policiesOf([...apps, ...hooks, ...watcher]);
  const { metadata, spec } = only(hooks, "CronJob", "vault-drift") as Manifest & { spec: { jobTemplate: Workload } };
  ends = {
    ...Object.fromEntries(["init", "unseal", "join", "configure"].map((name) => [name, hookPod(`vault-${name}`)])),
    drift: podOf({ ...spec.jobTemplate, metadata }),
    watcher: podOf(only(watcher, "Deployment", "vault-watch") as Workload),
    // the labels that the official chart gives the pods of its release `vault`
    "a member": pod("vault", { "app.kubernetes.io/name": "vault", component: "server" }),
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
  };
}, 900_000);

function policiesOf(manifests: readonly Manifest[]): NetworkPolicy[] {
  return manifests.filter(({ kind }) => kind === "NetworkPolicy") as NetworkPolicy[];
}

function hookPod(name: string): Pod {
  return podOf(only(hooks, "Job", name) as Workload);
}

function podOf({ metadata, spec }: Workload): Pod {
  const ports = (spec.template.spec.containers[0]?.ports ?? []).map((each) => [each.name, each.containerPort]);
  return {
    namespace: metadata.namespace ?? "",
    labels: spec.template.metadata.labels,
    ports: Object.fromEntries(ports),
  };
}

/** A pod in a namespace, with the labels that apps/ gives to that namespace. */
function pod(namespace: string, labels: Record<string, string>, namespaceLabels?: Record<string, string>): Pod {
  const made = apps.find(({ kind, metadata }) => kind === "Namespace" && metadata.name === namespace);
  return { namespace, labels, namespaceLabels: { ...made?.metadata.labels, ...namespaceLabels } };
}

function isOpen(from: string, to: string, port: number, protocol = "TCP"): boolean {
  const [source, target] = [ends[from], ends[to]];
  if (source === undefined || target === undefined) throw new Error(`unknown end: ${from} or ${to}`);
  return allows(policies, { from: source, to: target, port, protocol });
}

const callers = ["init", "unseal", "join", "configure", "drift", "watcher"];
const apiPorts = [443, 6443, 8443, 16443];

describe("the network policies let through", () => {
  test.each([
    ...callers.map((name) => [name, "a member", 8200] as const),
    ["a member", "a member", 8200],
    ["a member", "a member", 8201],
    ["the operator", "a member", 8200],
    ["the CSI provider", "a member", 8200],
    ["a pod of a labelled namespace", "a member", 8200],
    ["Prometheus", "watcher", 8080],
    ["outside", "the agent injector", 8080],
    ...apiPorts.flatMap((port) => callers.map((name) => [name, "outside", port] as const)),
    // the token review, the labels of its own pod, auto-unseal, and what its secrets engines and auth methods call
    ["a member", "outside", 443],
    ["a member", "outside", 6443],
    ["a member", "outside", 5432],
  ] as const)("%s to %s, port %i", (from, to, port) => {
    expect(isOpen(from, to, port)).toBe(true);
  });

  test.each(callers.flatMap((name) => ["UDP", "TCP"].map((protocol) => [name, protocol] as const)))(
    "%s to DNS by %s, in a pod or on the node",
    (from, protocol) => {
      for (const to of ["a DNS pod", "outside"]) expect(isOpen(from, to, 53, protocol), to).toBe(true);
      expect(isOpen(from, "a DNS pod", 5353, protocol)).toBe(true);
    },
  );
});

describe("the network policies refuse", () => {
  test.each([
    ["the demo", "a member", 8200],
    ["a pod of another team", "a member", 8200],
    ["a pod that calls itself a member", "a member", 8201],
    ["another pod beside the watcher", "a member", 8200],
    ["Prometheus", "a member", 8200],
    ["outside", "a member", 8200],
    ...callers.map((name) => [name, "a member", 8201] as const),
    ["the operator", "a member", 8201],
    ["the CSI provider", "a member", 8201],
    ["a pod of a labelled namespace", "a member", 8201],
    ["a pod of another team", "watcher", 8080],
    ["a member", "watcher", 8080],
    ["a member", "configure", 8200],
    ["the demo", "init", 8080],
    ...callers.flatMap((name) => [80, 22, 8080].map((port) => [name, "outside", port] as const)),
    ...callers.map((name) => [name, "a pod of another team", 8200] as const),
    ["a pod in custody", "a member", 8200],
    ["a pod in custody", "outside", 443],
    ["the demo", "a pod in custody", 8080],
  ] as const)("%s to %s, port %i", (from, to, port) => {
    expect(isOpen(from, to, port)).toBe(false);
  });
});

test("each policy may be deployed by the project of its Application", () => {
  const project = only(apps, "AppProject", "vault-watch")["spec"] as { namespaceResourceWhitelist: object[] };

  expect(policies.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort()).toEqual([
    "vault-custody/no-traffic",
    "vault-watch/vault-watch",
    "vault/vault-hooks",
    "vault/vault-members",
  ]);
  expect(project.namespaceResourceWhitelist).toContainEqual({ group: "networking.k8s.io", kind: "NetworkPolicy" });
});

describe("a copy of hooks/", () => {
  async function copy(edit: (text: string) => string): Promise<Manifest[]> {
    const dir = await tempDir("hooks");
    await cp(join(projectDir, "hooks"), dir, { recursive: true });
    for (const file of ["kustomization.yaml", "watch/kustomization.yaml"])
      await writeFile(join(dir, file), edit(await readFile(join(dir, file), "utf8")));
    return [...(await render(dir)), ...(await render(join(dir, "watch")))];
  }

  test("has no NetworkPolicy with the Component no-network-policies, and everything else", async () => {
    const without = await copy((text) => text.replace(/# - (.*no-network-policies)/, "- $1"));
    const expected = [...hooks, ...watcher].filter(({ kind }) => !["NetworkPolicy", "ConfigMap"].includes(kind));

    expect(without.filter(({ kind }) => kind !== "ConfigMap")).toEqual(expected);
  });

  test("names the namespaces of its settings in the policies", async () => {
    const names = ["NAMESPACE=secrets", "WATCH_NAMESPACE=secrets-watch"];
    const literals = names.map((name) => `      - VAULT_HOOKS_${name}\n`).join("");
    const moved = policiesOf(await copy((text) => text.replace("literals:\n", `literals:\n${literals}`)));
    const member: Pod = { namespace: "secrets", labels: (ends["a member"] as Pod).labels };
    const namespaceLabels = { "vault-hooks.dev/vault-client": "true" };
    const watch: Pod = { ...(ends["watcher"] as Pod), namespace: "secrets-watch", namespaceLabels };

    expect(moved.map(({ metadata }) => metadata.namespace).sort()).toEqual(["secrets", "secrets", "secrets-watch"]);
    expect(allows(moved, { from: watch, to: member, port: 8200 })).toBe(true);
    expect(allows(moved, { from: { ...watch, namespaceLabels: {} }, to: member, port: 8200 })).toBe(false);
    expect(allows(moved, { from: watch, to: { ...member, namespace: "vault" }, port: 8200 })).toBe(false);
  });
});
