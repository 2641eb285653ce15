import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { projectDir } from "../cluster/paths.ts";
import { type Manifest, only, render, title, wave } from "../helpers/manifests.ts";
import { type Application, type AppProject, sourcesOf } from "./application.ts";

let root: Application;
let apps: Manifest[];
let children: Application[];

beforeAll(async () => {
  root = parse(await readFile(join(projectDir, "apps/root.yaml"), "utf8")) as Application;
  apps = await render("apps");
  children = apps.filter(({ kind }) => kind === "Application") as Application[];
}, 900_000);

describe("waves", () => {
  test("order settings, custody, projects, the watcher, Vault, its operator, the workloads with their namespaces, and vault-health", () => {
    const waves = Object.fromEntries(apps.map((each) => [`${each.kind} ${each.metadata.name}`, wave(each)]));

    expect(waves).toEqual({
      "ConfigMap argocd-cm": -10,
      "ConfigMap argocd-cmd-params-cm": -10,
      "CustomResourceDefinition vaulthealths.vault-hooks.dev": -6,
      "Namespace vault": -6,
      "Namespace vault-custody": -6,
      "Namespace vault-watch": -6,
      "Namespace vault-secrets-operator-system": -6,
      "NetworkPolicy no-traffic": -6,
      "ResourceQuota no-workloads": -6,
      "ValidatingAdmissionPolicy protect-custody.vault-custody": -6,
      "ValidatingAdmissionPolicy protect-keys.vault-custody": -6,
      "ValidatingAdmissionPolicyBinding protect-custody.vault-custody": -6,
      "ValidatingAdmissionPolicyBinding protect-keys.vault-custody": -6,
      "ValidatingAdmissionPolicy vault-hooks-watch": -6,
      "ValidatingAdmissionPolicyBinding vault-hooks-watch": -6,
      "Role vault-hooks-watch": -5,
      "RoleBinding vault-hooks-watch": -5,
      "ClusterRole vault-hooks-watch": -5,
      "ClusterRoleBinding vault-hooks-watch": -5,
      "AppProject vault": -5,
      "AppProject vault-watch": -5,
      "AppProject vault-secrets-operator": -5,
      "AppProject demo": -5,
      "AppProject guestbook": -5,
      "AppProject vault-health": -5,
      "Application vault-watch": -1,
      "Application vault": 0,
      "Application vault-secrets-operator": 1,
      "Namespace app": 2,
      "Application demo": 2,
      "Namespace guestbook": 2,
      "Application guestbook": 2,
      "Application vault-health": 100,
    });
  });

  test("wait for each Application until its hooks have ended, and for the signal only until it is synced", () => {
    const annotations = children.map(({ metadata }) => [
      metadata.name,
      metadata.annotations?.["vault-hooks.dev/health"],
    ]);

    expect(Object.fromEntries(annotations)).toEqual({
      "vault-watch": "hooks",
      vault: "hooks",
      "vault-secrets-operator": "hooks",
      demo: "hooks",
      guestbook: "hooks",
      "vault-health": "synced",
    });
  });

  test("do not contain the root, whose sync would wait for itself", () => {
    expect(children.map(({ metadata }) => metadata.name)).not.toContain("root");
  });
});

describe("each Application", () => {
  test("syncs by itself at the newest commit; the root and the watcher retry without limit, the others with one", () => {
    for (const each of [root, ...children]) {
      expect(each.spec.syncPolicy.automated, title(each)).toEqual({ prune: true, selfHeal: true });
      expect(each.spec.syncPolicy.retry, title(each)).toMatchObject(
        each === root || each.metadata.name === "vault-watch"
          ? { limit: -1, refresh: true }
          : { limit: 10, refresh: true, backoff: { maxDuration: "3m" } },
      );
    }
  });

  test("has a project that limits it to its sources and namespaces, and to no Secret", () => {
    for (const each of children) {
      const { spec } = only(apps, "AppProject", each.metadata.name) as AppProject;
      const namespaces = spec.destinations.map(({ namespace }) => namespace);

      expect(each.spec.project).toBe(each.metadata.name);
      expect(spec.sourceRepos).toEqual(sourcesOf(each).map(({ repoURL }) => repoURL));
      expect(namespaces).toContain(each.spec.destination.namespace);
      expect(namespaces).not.toContain("argocd");
      expect(namespaces.includes("vault-custody")).toBe(["vault", "vault-watch"].includes(each.metadata.name));
      expect(JSON.stringify(spec)).not.toContain("*");
      expect(JSON.stringify(spec.namespaceResourceWhitelist ?? [])).not.toContain('"Secret"');
    }
  });

  test("has no explicit empty field, which Argo CD keeps in one place and drops in another", () => {
    expect(children.flatMap((each) => sourcesOf(each).flatMap((source) => emptyFields(source, title(each))))).toEqual(
      [],
    );
    expect(emptyFields({ helm: { skipCrds: false, valuesObject: { a: "" } }, path: "" }, "x")).toEqual([
      "x.helm.skipCrds",
      "x.path",
    ]);
  });
});

describe("a sync", () => {
  test("of the root leaves settings of Argo CD alone that somebody else made", () => {
    expect(root.spec.syncPolicy.syncOptions).toContain("ClientSideApplyMigration=false");
  });

  test("of the root and of Vault is applied and compared by the API server", () => {
    for (const { metadata, spec } of [root, only(apps, "Application", "vault") as Application]) {
      expect(spec.syncPolicy.syncOptions).toContain("ServerSideApply=true");
      expect(metadata.annotations?.["argocd.argoproj.io/compare-options"]).toContain("ServerSideDiff=true");
    }
  });

  test("that hangs is ended, but not before the deadlines of all four hooks or the retries of a child have passed", async () => {
    const params = only(apps, "ConfigMap", "argocd-cmd-params-cm")["data"] as Record<string, string>;
    const timeout = Number(params["controller.sync.timeout.seconds"]);
    const jobs = (await render("hooks")).filter(({ kind }) => kind === "Job");
    const deadlines = jobs.map(({ spec }) => (spec as { activeDeadlineSeconds: number }).activeDeadlineSeconds);
    const retries = Array.from({ length: 10 }, (_, i) => Math.min(5 * 2 ** i, 180)).reduce((a, b) => a + b, 0);

    expect(deadlines).toHaveLength(4);
    expect(timeout).toBeGreaterThan(deadlines.reduce((sum, each) => sum + each, 0) + 120);
    expect(timeout).toBeGreaterThan(retries);
  });
});

function emptyFields(value: unknown, path: string): string[] {
  if (isEmpty(value)) return [path];
  if (typeof value !== "object" || value === null) return [];
  // Argo CD keeps Helm's values as they are written.
  return Object.entries(value).flatMap(([key, each]) =>
    key === "valuesObject" ? [] : emptyFields(each, `${path}.${key}`),
  );
}

function isEmpty(value: unknown): boolean {
  return !value || (typeof value === "object" && Object.keys(value).length === 0);
}
