import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readSettings } from "../../src/settings.ts";
import { drainMs } from "../../src/watch/time-limits.ts";
import { projectDir } from "../cluster/paths.ts";
import { type Manifest, only, render, title } from "../helpers/manifests.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { imageRef } from "../image/build.ts";
import { type Role, rightsOf } from "./rights.ts";

type Container = Record<string, unknown> & {
  image: string;
  args: string[];
  envFrom: { configMapRef: { name: string } }[];
  ports: { name: string; containerPort: number }[];
};
type PodSpec = Record<string, unknown> & { containers: Container[] };
type Deployment = Manifest & { spec: { replicas: number; template: { spec: PodSpec } } };

let watcher: Manifest[];
let deployment: Deployment;

beforeAll(async () => {
  watcher = await render("hooks/watch");
  deployment = only(watcher, "Deployment", "vault-watch") as Deployment;
}, 900_000);

function roles(manifests: readonly Manifest[]): Role[] {
  return manifests.filter(({ kind, metadata }) => kind === "Role" && metadata.name === "vault-hooks-watch") as Role[];
}

function container({ spec }: Deployment): Container {
  const [first] = spec.template.spec.containers;
  if (first === undefined) throw new Error("the Deployment has no container");
  return first;
}

function settingsOf(manifests: readonly Manifest[], prefix: string) {
  const map = manifests.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith(prefix));
  return readSettings({}, false, map?.["data"] as Record<string, string>);
}

describe("the watcher's rights", () => {
  test.each([
    ["vault", ["get statefulsets/vault", "list pods", "watch pods"]],
    [
      "vault-custody",
      [
        "create leases",
        "get configmaps/vault-init-record",
        "get leases/vault-hooks",
        "get secrets/vault-unseal-keys",
        "update configmaps/vault-init-record",
        "update leases/vault-hooks",
      ],
    ],
    ["vault-watch", ["create leases", "get leases/vault-watch", "update leases/vault-watch"]],
  ])("in namespace %s are these and no other", (namespace, expected) => {
    expect(rightsOf(roles(watcher).find(({ metadata }) => metadata.namespace === namespace))).toEqual(expected);
  });

  test("are in these three namespaces alone, never in the whole cluster", () => {
    const bindings = watcher.filter(
      ({ kind, metadata }) => kind === "RoleBinding" && metadata.name === "vault-hooks-watch",
    );

    expect(roles(watcher).map(({ metadata }) => metadata.namespace)).toHaveLength(3);
    expect(watcher.filter(({ kind }) => /^Cluster(Role|RoleBinding)$/.test(kind))).toEqual([]);
    expect(bindings).toHaveLength(3);
    for (const { metadata, roleRef, subjects } of bindings) {
      expect(roleRef).toEqual({ apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name });
      expect(subjects).toEqual([{ kind: "ServiceAccount", name: "vault-hooks-watch", namespace: "vault-watch" }]);
    }
  });

  test("belong to the ServiceAccount of its pods, whose token nothing else mounts", () => {
    expect(deployment.spec.template.spec).toMatchObject({
      serviceAccountName: "vault-hooks-watch",
      automountServiceAccountToken: true,
    });
    expect(only(watcher, "ServiceAccount", "vault-hooks-watch")).toMatchObject({ automountServiceAccountToken: false });
  });
});

describe("the watcher's Deployment", () => {
  test("runs the command watch in the image of this version, in two replicas", () => {
    expect(container(deployment)).toMatchObject({ image: imageRef, args: ["watch"] });
    expect(deployment.spec.replicas).toBe(2);
  });

  test("is restricted, with a read-only root file system", () => {
    expect(deployment.spec.template.spec["securityContext"]).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container(deployment)["securityContext"]).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("is probed on the port on which the program listens by default", () => {
    const { listen } = readSettings({}, false, {});

    expect(container(deployment).ports).toEqual([{ name: "metrics", containerPort: listen.port }]);
    expect(container(deployment)).toMatchObject({
      readinessProbe: { httpGet: { path: "/readyz", port: "metrics" } },
      livenessProbe: { httpGet: { path: "/healthz", port: "metrics" } },
    });
  });

  test("is killed only after it had time to finish a change, and to release its Leases", () => {
    const grace = Number(deployment.spec.template.spec["terminationGracePeriodSeconds"]);

    expect(grace * 1000).toBeGreaterThan(drainMs + 10_000);
  });

  test("is in no namespace that the deletion of Vault's namespace, or custody's, takes with it", async () => {
    const hooks = await render("hooks");
    const workloads = watcher.filter(({ kind }) => kind === "Deployment" || kind === "PodDisruptionBudget");

    expect(workloads.map(({ metadata }) => metadata.namespace)).toEqual(["vault-watch", "vault-watch"]);
    expect(
      hooks.filter(({ metadata }) => metadata.namespace === "vault-watch" && metadata.name === "vault-watch"),
    ).toEqual([]);
    expect(hooks.filter(({ kind }) => kind === "Deployment")).toEqual([]);
  });
});

describe("the watcher's settings", () => {
  test("name what the hooks' settings name", async () => {
    const { namespace, statefulset, custodyNamespace, watchNamespace } = settingsOf(watcher, "vault-watch-settings");
    const hooks = settingsOf(await render("hooks"), "vault-hooks-settings");

    expect({ namespace, statefulset, custodyNamespace }).toEqual({
      namespace: hooks.namespace,
      statefulset: hooks.statefulset,
      custodyNamespace: hooks.custodyNamespace,
    });
    expect(watchNamespace).toBe("vault-watch");
  });

  test("restart it when they change, and move its objects to the namespaces that they name", async () => {
    const folder = await tempDir("hooks");
    await cp(join(projectDir, "hooks"), folder, { recursive: true });
    const file = join(folder, "watch/kustomization.yaml");
    const names = [
      "NAMESPACE=secrets",
      "CUSTODY_NAMESPACE=secrets-custody",
      "WATCH_NAMESPACE=secrets-watch",
      "STATEFULSET=bao",
    ];
    const literals = names.map((name) => `      - VAULT_HOOKS_${name}\n`).join("");
    await writeFile(file, (await readFile(file, "utf8")).replace("literals:\n", `literals:\n${literals}`));

    const moved = await render(join(folder, "watch"));
    const after = only(moved, "Deployment", "vault-watch") as Deployment;

    expect(new Set(moved.map(({ metadata }) => metadata.namespace).filter((name) => name !== undefined))).toEqual(
      new Set(["secrets", "secrets-custody", "secrets-watch"]),
    );
    expect(roles(moved).flatMap(rightsOf)).toContain("get statefulsets/bao");
    expect(container(after).envFrom).not.toEqual(container(deployment).envFrom);
  });

  test("reach the container by a name that exists", () => {
    const names = container(deployment).envFrom.map(({ configMapRef }) => `ConfigMap vault-watch/${configMapRef.name}`);

    expect(watcher.map(title)).toEqual(expect.arrayContaining(names));
  });
});
