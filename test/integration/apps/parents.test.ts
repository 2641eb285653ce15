import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { type ArgoController, startArgoController } from "../../helpers/argo-controller.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { only, render } from "../../helpers/manifests.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

/**
 * Parents on a real Argo CD. Each has its children in one wave and a ConfigMap in the next, so that the ConfigMap exists once Argo CD has
 * waited for the children as long as it wants to.
 */
let dir: string;
let kube: KubeServer;
let argo: ArgoController;

/** In milliseconds. Shorter than the timeout of a test. */
const waitMs = 60_000;
const hooks = { "vault-hooks.dev/health": "hooks" };

beforeAll(async () => {
  dir = await tempDir("parents");
  kube = await startKube();
  argo = await startArgoController(dir, kube);
  await argo.commit({ "child/config.yaml": configMap("child-content", "0") });
  // two Applications with one object would each undo what the other does
  const names = ["stock", "ours", "annotated"];
  const hydrated = names.map((name) => [`hydrated/${name}/config.yaml`, configMap(`${name}-hydrated`, "0")]);
  await argo.commit(Object.fromEntries(hydrated), "env/prod");
}, 900_000);
afterAll(async () => {
  await argo?.close();
  await kube?.close();
  await rm(dir, { recursive: true, force: true });
});

function configMap(name: string, wave: string): string {
  const annotations = { "argocd.argoproj.io/sync-wave": wave };
  return JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, annotations } });
}

function application(name: string, spec: object, annotations: object = {}): object {
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name, namespace: "argocd", annotations },
    spec: {
      project: "default",
      destination: { server: "https://kubernetes.default.svc", namespace: "default" },
      ...spec,
    },
  };
}

const automated = { automated: { prune: true, selfHeal: true } };

/** Children in the forms that our script took for unfinished, with these annotations. */
function children(prefix: string, annotations: object): Record<string, object> {
  const source = { repoURL: argo.repoURL, targetRevision: "main", path: "child" };
  const sourceHydrator = {
    drySource: { repoURL: argo.repoURL, targetRevision: "main", path: "child" },
    syncSource: { targetBranch: "env/prod", path: `hydrated/${prefix}` },
  };
  const own = (path: string) => ({ ...source, path: `child/${prefix}-${path}` });
  const specs: Record<string, object> = {
    hand: { source: own("hand") },
    "empty-policy": { source: own("empty-policy"), syncPolicy: {} },
    disabled: { source: own("disabled"), syncPolicy: { automated: { enabled: false, prune: true } } },
    hydrated: { sourceHydrator, syncPolicy: automated },
    directory: { source: { ...own("directory"), directory: { recurse: true } }, syncPolicy: automated },
    empty: {
      source: { ...own("empty"), chart: "", directory: { recurse: false, exclude: "", include: "" } },
      sources: [],
      syncPolicy: automated,
    },
    "no-prune": { source: own("no-prune"), syncPolicy: { automated: {} } },
  };
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      application(`${prefix}-${name}`, spec, { ...annotations, "argocd.argoproj.io/sync-wave": "0" }),
    ]),
  );
}

type Outcome = {
  readonly phase: string;
  readonly health: string;
  /** Whether the next wave was deployed. */
  readonly later: boolean;
  /** What Argo CD reports of each child that it takes for not Healthy. */
  readonly waiting: readonly string[];
};

/** Syncs a parent with these children. @returns its end; or how it stands when the time is over */
async function syncParent(name: string, each: Record<string, object>, forMs: number): Promise<Outcome> {
  const contents = Object.keys(each).map((child) => [
    `child/${name}-${child}/config.yaml`,
    configMap(`${name}-${child}`, "0"),
  ]);
  await argo.commit({
    ...Object.fromEntries(contents),
    ...Object.fromEntries(
      Object.entries(each).map(([child, object]) => [`parents/${name}/${child}.yaml`, JSON.stringify(object)]),
    ),
    [`parents/${name}/later.yaml`]: configMap(`${name}-later`, "1"),
  });
  const source = { repoURL: argo.repoURL, targetRevision: "main", path: `parents/${name}` };
  // without selfHeal: Argo CD drops empty fields from the children, and would sync them again and again
  await kube.apply(JSON.stringify(application(name, { source, syncPolicy: { automated: { prune: true } } })));
  let last: Outcome | undefined;
  await until(`${name} to end`, deadlineIn(forMs), async () => {
    last = await outcomeOf(name);
    return last.phase === "Succeeded" && last.health === "Healthy" ? true : undefined;
  }).catch(() => undefined);
  return last ?? (await outcomeOf(name));
}

type Resource = {
  readonly kind: string;
  readonly name: string;
  readonly health?: { readonly status?: string; readonly message?: string };
};

async function outcomeOf(name: string): Promise<Outcome> {
  const text = await kube.kubectl(["-n", "argocd", "get", "applications.argoproj.io", name, "-o", "json"]);
  const { status = {} } = JSON.parse(text);
  const found = await kube.kubectl(["-n", "default", "get", "configmap", `${name}-later`, "--ignore-not-found"]);
  const waiting = ((status.resources ?? []) as Resource[])
    .filter(({ kind, health }) => kind === "Application" && health !== undefined && health.status !== "Healthy")
    .map(({ name: child, health }) => `${child}: ${health?.status} ${health?.message ?? ""}`);
  return {
    phase: status.operationState?.phase ?? "",
    health: status.health?.status ?? "",
    later: found !== "",
    waiting,
  };
}

async function useSettings(data: object): Promise<void> {
  const patch = JSON.stringify({ data });
  await kube.kubectl(["-n", "argocd", "patch", "configmap", "argocd-cm", "--type=merge", "-p", patch]);
}

const passed: Outcome = { phase: "Succeeded", health: "Healthy", later: true, waiting: [] };

describe("a parent of somebody else", () => {
  test("passes its waves with the settings of Argo CD", async () => {
    expect(await syncParent("stock", children("stock", {}), waitMs)).toEqual(passed);
  });

  test("passes them with our settings, too", async () => {
    await useSettings(only(await render("apps"), "ConfigMap", "argocd-cm")["data"] as object);

    expect(await syncParent("ours", children("ours", {}), waitMs)).toEqual(passed);
  });
});

describe("a parent with our annotation on its children", () => {
  test("passes its waves in each of these forms once the children are synced, or at once where a person syncs", async () => {
    expect(await syncParent("annotated", children("annotated", hooks), waitMs)).toEqual(passed);

    const synced = await kube.kubectl(["-n", "default", "get", "configmap", "-o", "name"]);
    for (const child of ["directory", "empty", "no-prune", "hydrated"])
      expect(synced).toContain(`annotated-${child}\n`);
    expect(synced).not.toContain("annotated-hand\n");
  });

  test("waits while a child has not been synced", async () => {
    const broken = application(
      "waits-broken",
      { source: { repoURL: argo.repoURL, targetRevision: "main", path: "missing" }, syncPolicy: automated },
      { ...hooks, "argocd.argoproj.io/sync-wave": "0" },
    );

    expect(await syncParent("waits", { broken }, 20_000)).toMatchObject({ later: false });
  });
});
