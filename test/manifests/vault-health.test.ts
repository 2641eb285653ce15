import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { type Manifest, only, parseManifests, render, wave } from "../helpers/manifests.ts";
import type { AppProject } from "./application.ts";

let apps: Manifest[];
let script: string;

beforeAll(async () => {
  apps = await render("apps");
  const data = only(apps, "ConfigMap", "argocd-cm")["data"] as Record<string, string>;
  script = data["resource.customizations.health.vault-hooks.dev_VaultHealth"] ?? "";
}, 900_000);

const now = new Date("2026-11-29T12:00:00Z");
const earlier = "2026-11-29T11:58:00Z";
const healthy = { type: "Healthy", status: "True", reason: "Healthy", message: "3/3 members unsealed, leader vault-0" };
const sealed = {
  reason: "MemberSealed",
  object: "pod/vault-1",
  since: earlier,
  message: "vault-1 is sealed",
  remedy: "Unseal it.",
};
const refusedByWatcher = { ...sealed, reason: "Refused", object: "hook/init", message: "init ended with exit code 4" };
const ok = { exitCode: 0, finishedAt: earlier };
const refused = { exitCode: 4, finishedAt: earlier, message: "the storage was lost", remedy: "Restore it." };
const notReady = { exitCode: 3, finishedAt: earlier, message: "no answer", remedy: "Wait." };
const drifted = { exitCode: 10, finishedAt: earlier, message: "3 to change" };

/** The health of an object that was observed a minute ago. @param status replaces some fields */
async function health(status: object) {
  const observed = { observedAt: "2026-11-29T11:59:00Z", validUntil: "2026-11-29T12:02:00Z", conditions: [healthy] };
  const hooks = { init: ok, unseal: ok, join: ok, configure: ok };
  const obj = {
    metadata: { name: "vault", namespace: "vault-watch" },
    status: { ...observed, problems: [], hooks, ...status },
  };
  return await runHealth(script, obj, now);
}

describe("VaultHealth is Degraded", () => {
  test.each([
    ["while there is a problem, with its remedy", { problems: [sealed] }, "vault-1 is sealed. Unseal it."],
    [
      "with the count of other problems",
      { problems: [sealed, { ...sealed, object: "pod/vault-2" }], hooks: { init: refused } },
      "vault-1 is sealed. Unseal it. (and 2 more)",
    ],
    [
      "when init refused",
      { hooks: { init: refused } },
      "init ended with exit code 4: the storage was lost. Restore it.",
    ],
    [
      "when a hook failed, although no watcher has ever observed Vault",
      {
        hooks: { join: refused },
        observedAt: undefined,
        validUntil: undefined,
        conditions: undefined,
        problems: undefined,
      },
      "join ended with exit code 4: the storage was lost. Restore it.",
    ],
    [
      "once for a refusal that the watcher reports too",
      { hooks: { init: refused }, problems: [refusedByWatcher] },
      "init ended with exit code 4: the storage was lost. Restore it.",
    ],
    [
      "when a hook's configuration is wrong",
      { hooks: { configure: { exitCode: 2, finishedAt: earlier } } },
      "configure ended with exit code 2",
    ],
    [
      "when nobody has retried a hook in time",
      { hooks: { unseal: { ...notReady, retryUntil: "2026-11-29T11:59:59Z" } } },
      "unseal ended with exit code 3: no answer. Wait.",
    ],
    [
      "when plan found drift",
      { hooks: { plan: drifted } },
      "Vault differs from its configuration in Git: 3 to change. Sync the Application of Vault.",
    ],
    [
      "when configure failed after plan had found drift",
      {
        hooks: {
          plan: drifted,
          configure: { ...notReady, finishedAt: "2026-11-29T11:59:00Z", retryUntil: "2026-11-29T12:01:00Z" },
        },
      },
      "Vault differs from its configuration in Git: 3 to change. Sync the Application of Vault.",
    ],
    [
      "when the watcher has reported nothing for minutes",
      { validUntil: "2026-11-29T11:59:59Z" },
      "the watcher has reported nothing since 2026-11-29T11:59:00Z. See the Deployment in namespace vault-watch.",
    ],
  ])("%s", async (_when, status, message) => {
    expect(await health(status)).toEqual({ status: "Degraded", message });
  });
});

describe("VaultHealth is Healthy", () => {
  test.each([
    ["while nothing is wrong", {}, healthy.message],
    ["while the watcher runs, and no hook has", { hooks: undefined }, healthy.message],
    [
      "while a hook may be retried",
      { hooks: { unseal: { ...notReady, retryUntil: "2026-11-29T12:00:00Z" } } },
      healthy.message,
    ],
    ["when configure has run since plan found drift", { hooks: { plan: drifted, configure: ok } }, healthy.message],
    [
      "when a hook has succeeded since the watcher reported it",
      { problems: [refusedByWatcher], conditions: [{ ...healthy, status: "False", message: "init refused" }] },
      "the last problem has ended",
    ],
  ])("%s", async (_when, status, message) => {
    expect(await health(status)).toEqual({ status: "Healthy", message });
  });
});

describe("VaultHealth is Progressing", () => {
  test("before anything has written its status", async () => {
    expect(await runHealth(script, { metadata: { name: "vault", namespace: "vault-watch" }, spec: {} }, now)).toEqual({
      status: "Progressing",
      message: "the watcher has not observed Vault yet",
    });
  });

  test("while the first observation waits for a grace", async () => {
    expect(await health({ conditions: [{ ...healthy, status: "Unknown" }] })).toMatchObject({ status: "Progressing" });
  });

  test("while hooks have succeeded, and the watcher has not observed Vault", async () => {
    expect(await health({ conditions: undefined, problems: undefined })).toMatchObject({ status: "Progressing" });
  });
});

describe("in the watcher's namespace,", () => {
  type Role = Manifest & { rules: object[] };
  type Binding = Manifest & { roleRef: object; subjects: { kind: string; namespace: string; name: string }[] };
  const namesOf = ({ subjects }: Binding) => subjects.map(({ namespace, name }) => `${namespace}/${name}`);
  let objects: Manifest[];
  beforeAll(async () => {
    objects = await render("hooks/watch/health");
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

  test("the watcher may read and write the one VaultHealth, and create Events", () => {
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
      { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: ["create"] },
    ]);
    expect(namesOf(binding)).toEqual(["vault-watch/vault-hooks-watch"]);
  });
});

describe("the signal", () => {
  test("is in the last wave, with nothing beside it and nothing after it", () => {
    const waves = apps.map((each) => ({ name: `${each.kind} ${each.metadata.name}`, wave: wave(each) }));
    const last = Math.max(...waves.map((each) => each.wave));

    expect(waves.filter((each) => each.wave === last)).toEqual([{ name: "Application vault-health", wave: 100 }]);
  });

  test("is one object, and its project owns no other kind and no other namespace", async () => {
    const project = only(apps, "AppProject", "vault-health") as AppProject;

    expect(
      (await render("apps/vault-health")).map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name]),
    ).toEqual([["VaultHealth", "vault-watch", "vault"]]);
    expect(project.spec).toMatchObject({
      destinations: [{ namespace: "vault-watch" }],
      namespaceResourceWhitelist: [{ group: "vault-hooks.dev", kind: "VaultHealth" }],
    });
    expect(project.spec).not.toHaveProperty("clusterResourceWhitelist");
  });

  test("of the sample has no status, which Argo CD would reset", async () => {
    expect(await render("apps/vault-health")).toMatchObject([{ spec: {} }]);
    expect(parseManifests("{kind: VaultHealth, status: {}}")[0]).toHaveProperty("status");
    expect((await render("apps/vault-health"))[0]).not.toHaveProperty("status");
  });
});
