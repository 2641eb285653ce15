import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { type Manifest, only, render, title } from "../helpers/manifests.ts";
import type { Application } from "./application.ts";
import { copyOfApps } from "./apps.ts";

const syncOptions = "argocd.argoproj.io/sync-options";
const podSecurity = "pod-security.kubernetes.io/enforce";

type Binding = Manifest & { spec: { validationActions: string[] } };

let apps: Manifest[];
let hooks: Manifest[];
let custody: Manifest[];

beforeAll(async () => {
  apps = await render("apps");
  hooks = await render("hooks");
  custody = await render("hooks/base/custody");
}, 900_000);

function ofKind(manifests: readonly Manifest[], kind: string): Manifest[] {
  return manifests.filter((each) => each.kind === kind);
}

/** Renders a copy of apps/ whose kustomization.yaml ends with these lines. */
async function renderAppsWith(lines: string): Promise<Manifest[]> {
  const folder = await copyOfApps();
  await appendFile(join(folder, "kustomization.yaml"), lines);
  return await render(folder);
}

describe("custody", () => {
  test("is deployed by the root, and by no Application that a project limits", () => {
    for (const each of custody) expect(apps, title(each)).toContainEqual(each);
    expect(hooks.filter(({ kind }) => /^(Namespace|ResourceQuota|ValidatingAdmission.*)$/.test(kind))).toEqual([]);
  });

  test("stays, whatever is removed from Git", () => {
    expect(custody).toHaveLength(7);
    for (const { metadata } of custody) expect(metadata.annotations?.[syncOptions]).toBe("Prune=false,Delete=false");
  });

  test("runs no workload", () => {
    expect(only(custody, "ResourceQuota", "no-workloads")).toMatchObject({
      metadata: { namespace: "vault-custody" },
      spec: { hard: { pods: "0" } },
    });
    expect(only(custody, "Namespace", "vault-custody").metadata.labels).toMatchObject({ [podSecurity]: "restricted" });
  });

  test("has policies that fail closed, deny, and find the namespace by a label that nobody can remove", () => {
    const policies = ofKind(custody, "ValidatingAdmissionPolicy");
    const bindings = ofKind(custody, "ValidatingAdmissionPolicyBinding");

    expect(policies.map(({ metadata }) => metadata.name)).toEqual(bindings.map(({ metadata }) => metadata.name));
    expect(policies).toHaveLength(2);
    for (const { spec } of policies) {
      expect(spec).toMatchObject({
        failurePolicy: "Fail",
        matchConstraints: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "vault-custody" } } },
      });
    }
    for (const { metadata, spec } of bindings) {
      expect(spec).toMatchObject({ policyName: metadata.name, validationActions: ["Deny"] });
    }
  });

  test("follows the names of one's own, also where the root deploys it", async () => {
    const renamed = await renderAppsWith(`
components: [../hooks/base/settings]
configMapGenerator:
  - name: vault-hooks-settings
    namespace: vault
    options: { annotations: { config.kubernetes.io/local-config: "true" } }
    literals: [VAULT_HOOKS_NAMESPACE=secrets, VAULT_HOOKS_CUSTODY_NAMESPACE=keys, VAULT_HOOKS_STATEFULSET=bao]
`);

    const objects = renamed.filter(({ kind }) => !/^App/.test(kind));
    expect(JSON.stringify(objects)).not.toMatch(/vault-custody|serviceaccount:vault:|"namespace":"vault"/);
    expect(ofKind(objects, "ConfigMap").map(({ metadata }) => metadata.name)).not.toContain("vault-hooks-settings");
    expect(only(objects, "Namespace", "secrets").metadata.annotations?.[syncOptions]).toBe("Prune=false,Delete=false");
    expect(only(objects, "ValidatingAdmissionPolicy", "protect-custody.keys")).toMatchObject({
      spec: {
        matchConstraints: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "keys" } } },
        variables: expect.arrayContaining([
          { name: "init", expression: "'system:serviceaccount:secrets:vault-hooks-init'" },
        ]),
      },
    });
    expect(only(objects, "ValidatingAdmissionPolicy", "protect-keys.keys")).toMatchObject({
      spec: {
        matchConditions: [
          { expression: "request.userInfo.username == 'system:serviceaccount:secrets:vault-hooks-init'" },
        ],
      },
    });
    expect(only(objects, "ValidatingAdmissionPolicyBinding", "protect-keys.keys")).toMatchObject({
      spec: { policyName: "protect-keys.keys", paramRef: { namespace: "secrets", name: "vault-hooks-config" } },
    });
    for (const kind of ["RoleBinding", "ClusterRoleBinding"]) {
      expect(only(objects, kind, "vault-hooks-watch")).toMatchObject({ subjects: [{ namespace: "vault-watch" }] });
    }
    expect(only(objects, "ClusterRole", "vault-hooks-watch")).toMatchObject({
      rules: [{ resourceNames: ["secrets"] }],
    });
  });

  test("has its bindings by name in the command of the uninstallation", async () => {
    const names = ofKind(custody, "ValidatingAdmissionPolicyBinding").map(({ metadata }) => metadata.name);

    expect(await deletedBindings("uninstall")).toEqual([names.join(" ")]);
  });

  // Without a binding for a second, the API server never again notices changes of its ConfigMap (kubernetes/kubernetes#130887).
  test("keeps the policy with a parameter when a person lifts the protection", async () => {
    const bindings = ofKind(custody, "ValidatingAdmissionPolicyBinding") as Binding[];
    const names = bindings.filter(({ spec }) => !("paramRef" in spec)).map(({ metadata }) => metadata.name);

    expect(names).toEqual(["protect-custody.vault-custody"]);
    expect(await deletedBindings("runbook")).toEqual(names);
  });

  test("warns and no longer refuses with the patch in the runbook", async () => {
    const runbook = await readFile(join(projectDir, "docs/runbook.md"), "utf8");
    const patch = /```yaml\n( *patches:\n.*?)```/s.exec(runbook)?.[1] ?? "";
    const indent = /^ */.exec(patch)?.[0] ?? "";

    const lifted = await renderAppsWith(`\n${patch.replaceAll(new RegExp(`^${indent}`, "gm"), "")}`);

    const actions = (ofKind(lifted, "ValidatingAdmissionPolicyBinding") as Binding[]).map(
      ({ metadata, spec }) => [metadata.name, spec.validationActions] as const,
    );
    expect(Object.fromEntries(actions)).toEqual({
      "protect-custody.vault-custody": ["Warn"],
      "protect-keys.vault-custody": ["Deny"],
      "vault-hooks-watch": ["Deny"],
    });
  });
});

describe("namespaces", () => {
  test("of every Application are made by the root, with a Pod Security level", () => {
    const namespaces = ofKind(apps, "Namespace");
    const names = (ofKind(apps, "Application") as Application[]).map(({ spec }) => spec.destination.namespace);

    expect(namespaces.map(({ metadata }) => metadata.name).sort()).toEqual(
      [...new Set([...names, "vault-custody"])].sort(),
    );
    for (const { metadata } of namespaces) expect(metadata.labels).toHaveProperty([podSecurity]);
    expect(JSON.stringify(apps)).not.toMatch(/CreateNamespace|managedNamespaceMetadata/);
  });

  test("and policies are owned by no project, which could not limit them to one name", () => {
    const projects = ofKind(apps, "AppProject");
    const clusterKinds = projects.flatMap(
      ({ spec }) => (spec as { clusterResourceWhitelist?: { kind: string }[] }).clusterResourceWhitelist ?? [],
    );

    expect(new Set(clusterKinds.map(({ kind }) => kind))).toEqual(
      new Set(["ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"]),
    );
  });

  test("and kinds: only the operator's chart may own definitions, since a pruned one takes its objects with it", () => {
    const owners = ofKind(apps, "AppProject").filter(({ spec }) =>
      JSON.stringify(spec).includes("CustomResourceDefinition"),
    );

    expect(owners.map(({ metadata }) => metadata.name)).toEqual(["vault-secrets-operator"]);
  });

  test("stay when the root is deleted, and that of Vault stays also when Git removes it", () => {
    const options = Object.fromEntries(
      ofKind(apps, "Namespace").map(({ metadata }) => [metadata.name, metadata.annotations?.[syncOptions]]),
    );

    expect(options).toEqual({
      vault: "Prune=false,Delete=false",
      "vault-custody": "Prune=false,Delete=false",
      "vault-watch": "Delete=false",
      "vault-secrets-operator-system": "Delete=false",
      app: "Delete=false",
      guestbook: "Delete=false",
    });
  });
});

/** @returns the bindings that a page of docs/ deletes, one string for each command */
async function deletedBindings(page: string): Promise<string[]> {
  const text = await readFile(join(projectDir, `docs/${page}.md`), "utf8");
  return [...text.matchAll(/kubectl delete validatingadmissionpolicybinding (.*)\n/g)].map(([, list = ""]) => list);
}
