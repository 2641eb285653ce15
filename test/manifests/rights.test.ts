import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { type Manifest, parseManifests, render, title } from "../helpers/manifests.ts";
import { type Role, rightsOf } from "./rights.ts";

let hooks: Manifest[];
let roles: Role[];

beforeAll(async () => {
  hooks = await render("hooks");
  roles = hooks.filter(({ kind }) => kind === "Role") as Role[];
}, 900_000);

function rights(verb: string, namespace: string): string[] {
  const role = roles.find(
    ({ metadata }) => metadata.name === `vault-hooks-${verb}` && metadata.namespace === namespace,
  );
  return rightsOf(role);
}

const lease = ["create leases", "get leases/vault-hooks", "update leases/vault-hooks"];
const record = ["get configmaps/vault-init-record", "update configmaps/vault-init-record"];
const pods = ["get statefulsets/vault", "list pods"];

describe("in the custody namespace,", () => {
  test.each([
    [
      "init",
      [
        ...lease,
        ...record,
        "create configmaps",
        "create secrets",
        "delete secrets/vault-init-answer",
        "delete secrets/vault-root-token",
        "delete secrets/vault-unseal-keys",
        "get secrets/vault-init-answer",
        "get secrets/vault-root-token",
        "get secrets/vault-unseal-keys",
        "get secrets/vault-unseal-keys-archive",
        "patch secrets/vault-unseal-keys-archive",
      ],
    ],
    ["unseal", [...lease, ...record, "get secrets/vault-unseal-keys"]],
    ["join", [...lease, ...record, "get secrets/vault-unseal-keys"]],
    [
      "configure",
      [
        ...lease,
        "create secrets",
        "delete secrets/vault-root-token",
        "get configmaps/vault-init-record",
        "get secrets/vault-hooks-ledger",
        "get secrets/vault-root-token",
        "patch secrets/vault-hooks-ledger",
      ],
    ],
    ["plan", ["get configmaps/vault-init-record", "get secrets/vault-hooks-ledger"]],
  ])("%s has its listed rights and no other", (verb, expected) => {
    expect(rights(verb, "vault-custody")).toEqual([...expected].sort());
  });
});

describe("in Vault's namespace,", () => {
  test.each([
    ["init", [...pods, "list persistentvolumeclaims"]],
    ["unseal", pods],
    ["join", pods],
    ["configure", pods],
    ["plan", pods],
  ])("%s has its listed rights and no other", (verb, expected) => {
    expect(rights(verb, "vault")).toEqual([...expected].sort());
  });
});

test("the right to delete volumes and pods is not part of the base, and is limited to names", async () => {
  const text = await readFile(join(projectDir, "hooks/base/remake/rbac.yaml"), "utf8");
  const [role, binding] = parseManifests(text) as [Role, Manifest];
  const members = [0, 1, 2];

  expect(hooks.filter(({ metadata }) => metadata.name === role.metadata.name)).toEqual([]);
  expect(rightsOf(role)).toEqual([
    ...members.map((n) => `delete persistentvolumeclaims/data-vault-${n}`),
    ...members.map((n) => `delete pods/vault-${n}`),
  ]);
  expect(binding).toMatchObject({
    kind: "RoleBinding",
    metadata: { namespace: role.metadata.namespace },
    roleRef: { kind: "Role", name: role.metadata.name },
    subjects: [{ kind: "ServiceAccount", name: "vault-hooks-init", namespace: "vault" }],
  });
});

describe("every right", () => {
  test("is limited to names, except for the verbs that the API cannot limit", () => {
    const open = roles.flatMap(({ rules }) => rules).filter(({ resourceNames }) => resourceNames === undefined);

    expect(new Set(open.flatMap(({ verbs }) => verbs))).toEqual(new Set(["create", "list"]));
    expect(open.filter(({ verbs }) => verbs.includes("list")).flatMap(({ resources }) => resources)).not.toContain(
      "secrets",
    );
    expect(JSON.stringify(roles)).not.toContain("*");
  });

  test("belongs to the ServiceAccount of one hook, in one of two namespaces, and never in the whole cluster", () => {
    const bindings = hooks.filter(({ kind }) => kind === "RoleBinding");

    expect(hooks.filter(({ kind }) => kind.startsWith("Cluster"))).toEqual([]);
    expect(bindings).toHaveLength(10);
    for (const { metadata, roleRef, subjects } of bindings) {
      expect(roleRef).toEqual({ apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name });
      expect(subjects).toEqual([{ kind: "ServiceAccount", name: metadata.name, namespace: "vault" }]);
    }
  });

  test("and every ServiceAccount is an ordinary object, not a hook that each sync deletes", () => {
    const ordinary = hooks.filter(({ kind }) => kind !== "Job" && kind !== "CronJob");

    expect(ordinary.filter(({ kind }) => kind === "ServiceAccount")).toHaveLength(5);
    for (const each of ordinary) {
      expect(each.metadata.annotations ?? {}, title(each)).not.toHaveProperty("argocd.argoproj.io/hook");
    }
  });
});
