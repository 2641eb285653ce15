import { beforeAll, describe, expect, test } from "vitest";
import { readSettings } from "../../src/settings.ts";
import { type Manifest, only, render, title, wave } from "../helpers/manifests.ts";
import { type Role, rightsOf } from "./rights.ts";

type Policy = Manifest & {
  spec: { failurePolicy: string; matchConditions: { expression: string }[]; validations: { message: string }[] };
};
type Binding = Manifest & { subjects: unknown[]; roleRef: object };
type Pod = { spec: { template: { spec: { serviceAccountName: string } } } };

let apps: Manifest[];
let watcher: Manifest[];

beforeAll(async () => {
  [apps, watcher] = [await render("apps"), await render("hooks/watch")];
}, 900_000);

function find(kind: string): Manifest {
  return only(apps, kind, "vault-hooks-watch");
}

function account(): { namespace: string; name: string } {
  const { metadata, spec } = only(watcher, "Deployment", "vault-watch") as Manifest & Pod;
  return { namespace: metadata.namespace ?? "", name: spec.template.spec.serviceAccountName };
}

function settings() {
  const map = watcher.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("vault-watch-"));
  return readSettings({}, false, map?.["data"] as Record<string, string>);
}

describe("what the watcher may do in Argo CD", () => {
  test("is to read and patch the Applications of its settings, and no other", () => {
    const { application, neededApplications } = settings();
    const named = [application, ...neededApplications].map((each) => each?.name ?? "").sort();

    expect(rightsOf(find("Role") as Role)).toEqual([
      ...named.map((name) => `get applications/${name}`),
      ...named.map((name) => `patch applications/${name}`),
    ]);
    expect(find("Role").metadata.namespace).toBe("argocd");
  });

  test("names Applications that exist", () => {
    const { application, neededApplications } = settings();
    const existing = apps.filter(({ kind }) => kind === "Application").map(({ metadata }) => metadata.name);

    for (const each of [application, ...neededApplications]) expect([...existing, "root"]).toContain(each?.name);
  });

  test("is to see whether Vault's namespace exists, and no other namespace", () => {
    expect(rightsOf(find("ClusterRole") as Role)).toEqual([`get namespaces/${settings().namespace}`]);
  });

  test("is granted to its account alone", () => {
    for (const kind of ["RoleBinding", "ClusterRoleBinding"]) {
      expect((find(kind) as Binding).subjects).toEqual([{ kind: "ServiceAccount", ...account() }]);
    }
  });

  test("is limited by a policy for that account, which fails closed and is in force before", () => {
    const policy = find("ValidatingAdmissionPolicy") as Policy;
    const { namespace, name } = account();
    const username = `system:serviceaccount:${namespace}:${name}`;
    const binding = find("ValidatingAdmissionPolicyBinding") as Manifest & { spec: object };

    expect(policy.spec.failurePolicy).toBe("Fail");
    expect(policy.spec.matchConditions).toEqual([
      { name: "is-the-watcher", expression: `request.userInfo.username == '${username}'` },
    ]);
    expect(binding.spec).toEqual({ policyName: policy.metadata.name, validationActions: ["Deny"] });
    for (const each of [policy, binding]) expect(wave(each)).toBeLessThan(wave(find("RoleBinding")));
  });

  test("is deployed by the root alone, so that no project of Vault owns an object in namespace argocd", async () => {
    const others = [...watcher, ...(await render("hooks"))];

    expect(others.filter(({ metadata }) => metadata.namespace === "argocd").map(title)).toEqual([]);
    expect(others.filter(({ kind }) => kind.startsWith("ValidatingAdmission")).map(title)).toEqual([]);
  });
});
