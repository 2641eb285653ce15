import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { runHealth } from "../helpers/health.ts";
import { type Manifest, only, render, wave } from "../helpers/manifests.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import type { AppProject } from "./application.ts";
import { vaultHealthCases } from "./vault-health-cases.ts";

let apps: Manifest[];
let script: string;

beforeAll(async () => {
  apps = await render("apps");
  const data = only(apps, "ConfigMap", "argocd-cm")["data"] as Record<string, string>;
  script = data["resource.customizations.health.vault-hooks.dev_VaultHealth"] ?? "";
}, 900_000);

const now = new Date("2026-11-29T12:00:00Z");

test.each(vaultHealthCases(now))("VaultHealth is %s", async (_when, object, expected) => {
  expect(await runHealth(script, object, now)).toEqual(expected);
});

describe("in the watcher's namespace,", () => {
  type Role = Manifest & { rules: object[] };
  type Binding = Manifest & { roleRef: object; subjects: { kind: string; namespace: string; name: string }[] };
  const namesOf = ({ subjects }: Binding) => subjects.map(({ namespace, name }) => `${namespace}/${name}`);
  let objects: Manifest[];
  beforeAll(async () => {
    objects = await render("hooks/watch");
  });

  test("each hook may write the status of the one VaultHealth, and nothing else", async () => {
    const role = only(objects, "Role", "vault-hooks-outcome") as Role;
    const binding = only(objects, "RoleBinding", "vault-hooks-outcome") as Binding;

    expect(role.rules).toEqual([
      {
        apiGroups: ["vault-hooks.dev"],
        resources: ["vaulthealths/status"],
        verbs: ["patch"],
        resourceNames: ["vault"],
      },
    ]);
    const accounts = (await render("hooks")).filter(({ kind }) => kind === "ServiceAccount");
    expect(namesOf(binding).sort()).toEqual(accounts.map(({ metadata }) => `vault/${metadata.name}`).sort());
    expect(binding.roleRef).toMatchObject({ kind: "Role", name: role.metadata.name });
  });

  test("the names of both namespaces follow the settings", async () => {
    const folder = await tempDir("hooks");
    await cp(join(projectDir, "hooks"), folder, { recursive: true });
    const file = join(folder, "watch/kustomization.yaml");
    const names = ["NAMESPACE=secrets", "WATCH_NAMESPACE=secrets-watch"];
    const literals = names.map((name) => `      - VAULT_HOOKS_${name}\n`).join("");
    await writeFile(file, (await readFile(file, "utf8")).replace("literals:\n", `literals:\n${literals}`));

    const moved = await render(join(folder, "watch"));

    for (const [name, namespace] of [
      ["vault-hooks-outcome", "secrets"],
      ["vault-hooks-health", "secrets-watch"],
    ] as const) {
      const binding = only(moved, "RoleBinding", name) as Binding;
      expect(binding.metadata.namespace).toBe("secrets-watch");
      expect(new Set(binding.subjects.map((each) => each.namespace))).toEqual(new Set([namespace]));
      expect(only(moved, "Role", name).metadata.namespace).toBe("secrets-watch");
    }
  });

  test("the watcher may create, read and write the one VaultHealth, and create Events", () => {
    const role = only(objects, "Role", "vault-hooks-health") as Role;
    const binding = only(objects, "RoleBinding", "vault-hooks-health") as Binding;

    expect(role.rules).toEqual([
      {
        apiGroups: ["vault-hooks.dev"],
        resources: ["vaulthealths"],
        verbs: ["get", "patch"],
        resourceNames: ["vault"],
      },
      {
        apiGroups: ["vault-hooks.dev"],
        resources: ["vaulthealths/status"],
        verbs: ["patch"],
        resourceNames: ["vault"],
      },
      { apiGroups: ["vault-hooks.dev"], resources: ["vaulthealths"], verbs: ["create"] },
      { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: ["create"] },
    ]);
    expect(namesOf(binding)).toEqual(["vault-watch/vault-hooks-watch"]);
  });
});

describe("the Application vault-health", () => {
  test("is in the last wave, with nothing beside it and nothing after it", () => {
    const waves = apps.map((each) => ({ name: `${each.kind} ${each.metadata.name}`, wave: wave(each) }));
    const last = Math.max(...waves.map((each) => each.wave));

    expect(waves.filter((each) => each.wave === last)).toEqual([{ name: "Application vault-health", wave: 100 }]);
  });

  test("is one object without a status, and its project owns no other kind and no other namespace", async () => {
    const project = only(apps, "AppProject", "vault-health") as AppProject;

    expect(await render("apps/vault-health")).toEqual([
      {
        apiVersion: "vault-hooks.dev/v1alpha1",
        kind: "VaultHealth",
        metadata: { name: "vault", namespace: "vault-watch" },
        spec: {},
      },
    ]);
    expect(project.spec).toMatchObject({
      destinations: [{ namespace: "vault-watch" }],
      namespaceResourceWhitelist: [{ group: "vault-hooks.dev", kind: "VaultHealth" }],
    });
    expect(project.spec).not.toHaveProperty("clusterResourceWhitelist");
  });
});
