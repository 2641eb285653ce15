import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { projectDir } from "../cluster/paths.ts";
import { run } from "../cluster/run.ts";
import { moduleSource } from "../cluster/servers.ts";
import { images, server } from "../cluster/versions.ts";
import { type Manifest, only, render, renderedFolders, title, wave } from "../helpers/manifests.ts";

type Source = {
  repoURL: string;
  targetRevision: string;
  path?: string;
  chart?: string;
  helm?: { valuesObject: Record<string, unknown> };
};
type Retry = { limit: number; refresh: boolean; backoff: { duration: string; factor: number; maxDuration: string } };
type Application = Manifest & {
  spec: {
    project: string;
    source?: Source;
    sources?: Source[];
    destination: { namespace: string };
    syncPolicy: { automated: object; syncOptions: string[]; retry: Retry };
  };
};

let root: Application;
let apps: Manifest[];
let children: Application[];

beforeAll(async () => {
  root = parse(await readFile(join(projectDir, "apps/root.yaml"), "utf8")) as Application;
  apps = await render("apps");
  children = apps.filter(({ kind }) => kind === "Application") as Application[];
}, 900_000);

function sourcesOf({ spec }: Application): Source[] {
  return spec.sources ?? (spec.source ? [spec.source] : []);
}

function annotation(name: string): string | undefined {
  return root.metadata.annotations?.[`vault-hooks.dev/${name}`];
}

describe("waves", () => {
  test("settings, then projects, then Vault, then its operator, then the workloads", () => {
    const waves = Object.fromEntries(apps.map((each) => [`${each.kind} ${each.metadata.name}`, wave(each)]));

    expect(waves).toEqual({
      "ConfigMap argocd-cm": -10,
      "ConfigMap argocd-cmd-params-cm": -10,
      "AppProject vault": -5,
      "AppProject vault-secrets-operator": -5,
      "AppProject demo": -5,
      "AppProject guestbook": -5,
      "Application vault": 0,
      "Application vault-secrets-operator": 1,
      "Application demo": 2,
      "Application guestbook": 2,
    });
  });

  test("the root does not contain itself, or its sync would wait for itself", () => {
    expect(children.map(({ metadata }) => metadata.name)).not.toContain("root");
  });

  test("no hook of ours is in the operator's Application, whose Helm hooks it would switch off", () => {
    expect(
      sourcesOf(only(apps, "Application", "vault-secrets-operator") as Application).map(({ path }) => path),
    ).toEqual([undefined]);
  });
});

describe("where it comes from", () => {
  test("is said by the root alone", async () => {
    const lines = (value: string) => run("grep", ["-rhoF", value, "apps", "hooks"], { cwd: projectDir });

    for (const value of [
      root.spec.source?.repoURL,
      annotation("vault-chart-version"),
      annotation("vso-chart-version"),
    ]) {
      expect((await lines(value ?? "")).trim()).toBe(value);
    }
    expect(JSON.stringify(apps)).not.toContain("see-root");
  });

  test("reaches every source of every Application", () => {
    const git = { repoURL: root.spec.source?.repoURL, targetRevision: root.spec.source?.targetRevision };
    const sources = Object.fromEntries(children.map((each) => [each.metadata.name, sourcesOf(each)]));

    expect(sources).toMatchObject({
      vault: [
        { chart: "vault", repoURL: annotation("vault-chart-repo"), targetRevision: annotation("vault-chart-version") },
        { path: "hooks", ...git },
      ],
      "vault-secrets-operator": [
        {
          chart: "vault-secrets-operator",
          repoURL: annotation("vso-chart-repo"),
          targetRevision: annotation("vso-chart-version"),
        },
      ],
      demo: [{ path: "apps/demo", ...git }],
      guestbook: [{ path: "apps/guestbook", ...git }],
    });
  });

  test("pins what the cluster of the tests runs", () => {
    const vault = sourcesOf(only(apps, "Application", "vault") as Application)[0]?.helm?.valuesObject as {
      server: { image: { repository: string; tag: string } };
    };

    expect(`docker.io/${vault.server.image.repository}:${vault.server.image.tag}`).toBe(images.vault);
    expect(`v${annotation("vso-chart-version")}`).toBe(server("vault-secrets-operator").version);
  });

  test("has no explicit empty field, which Argo CD keeps in one place and drops in the other", () => {
    const empty = (value: unknown): boolean =>
      value === null ||
      value === false ||
      value === 0 ||
      value === "" ||
      (typeof value === "object" && Object.keys(value).length === 0);
    const emptyFields = (value: unknown, path: string): string[] => {
      if (empty(value)) return [path];
      if (typeof value !== "object" || value === null) return [];
      // Helm's values are kept as they are written.
      return Object.entries(value).flatMap(([key, each]) =>
        key === "valuesObject" ? [] : emptyFields(each, `${path}.${key}`),
      );
    };

    expect(children.flatMap((each) => sourcesOf(each).flatMap((source) => emptyFields(source, title(each))))).toEqual(
      [],
    );
    expect(emptyFields({ helm: { skipCrds: false, valuesObject: { a: "" } }, path: "" }, "x")).toEqual([
      "x.helm.skipCrds",
      "x.path",
    ]);
  });
});

describe("each Application", () => {
  test("syncs by itself; the root retries without end, a child with a limit, both at the newest commit", () => {
    for (const each of [root, ...children]) {
      expect(each.spec.syncPolicy.automated, title(each)).toEqual({ prune: true, selfHeal: true });
      expect(each.spec.syncPolicy.retry, title(each)).toMatchObject(
        each === root ? { limit: -1, refresh: true } : { limit: 10, refresh: true, backoff: { maxDuration: "3m" } },
      );
    }
  });

  test("is confined by a project of its own to its sources, its namespaces, and no Secret", () => {
    for (const each of children) {
      const { spec } = only(apps, "AppProject", each.metadata.name) as Manifest & {
        spec: { sourceRepos: string[]; destinations: { namespace: string }[]; namespaceResourceWhitelist?: object[] };
      };
      const namespaces = spec.destinations.map(({ namespace }) => namespace);

      expect(each.spec.project).toBe(each.metadata.name);
      expect(spec.sourceRepos).toEqual(sourcesOf(each).map(({ repoURL }) => repoURL));
      expect(namespaces).toContain(each.spec.destination.namespace);
      expect(namespaces).not.toContain("argocd");
      expect(namespaces.includes("vault-custody")).toBe(each.metadata.name === "vault");
      expect(JSON.stringify(spec)).not.toContain("*");
      expect(JSON.stringify(spec.namespaceResourceWhitelist ?? [])).not.toContain('"Secret"');
    }
  });

  test("the root leaves settings of Argo CD alone that somebody else made", () => {
    expect(root.spec.syncPolicy.syncOptions).toContain("ClientSideApplyMigration=false");
  });

  test("a sync that hangs is ended, but not before all four hooks' patience or a child's retries are spent", async () => {
    const params = only(apps, "ConfigMap", "argocd-cmd-params-cm")["data"] as Record<string, string>;
    const timeout = Number(params["controller.sync.timeout.seconds"]);
    const jobs = (await render("hooks")).filter(({ kind }) => kind === "Job");
    const deadlines = jobs.map(({ spec }) => (spec as { activeDeadlineSeconds: number }).activeDeadlineSeconds);
    const retries = Array.from({ length: 10 }, (_, i) => Math.min(5 * 2 ** i, 180)).reduce((a, b) => a + b, 0);

    expect(timeout).toBeGreaterThan(deadlines.reduce((sum, each) => sum + each, 0) + 120);
    expect(timeout).toBeGreaterThan(retries);
  });
});

describe("what is deployed", () => {
  test("no Secret comes from Git", async () => {
    const all = (await Promise.all(renderedFolders.map(render))).flat();

    expect(all.length).toBeGreaterThan(40);
    expect(all.filter(({ kind }) => kind === "Secret").map(title)).toEqual([]);
  });

  test("Vault's pods are Ready while sealed, or the hooks would never start", () => {
    const values = sourcesOf(only(apps, "Application", "vault") as Application)[0]?.helm?.valuesObject;

    expect(values).toMatchObject({
      server: {
        readinessProbe: {
          enabled: true,
          path: "/v1/sys/health?standbyok=true&sealedcode=204&uninitcode=204&removedcode=204&haunhealthycode=204",
        },
        ha: { enabled: true, replicas: 3, raft: { enabled: true, setNodeId: true } },
      },
    });
  });

  test("the operator logs in as the account that its chart makes and that the desired state names", async () => {
    const auth = parse(await readFile(join(projectDir, "hooks/config/auth.yaml"), "utf8")) as {
      auth: Record<string, { roles: Record<string, { bound_service_account_names: string[] }> }>;
    };
    const chart = await readFile(
      join(await moduleSource("vault-secrets-operator"), "chart/templates/deployment.yaml"),
      "utf8",
    );
    const values = sourcesOf(only(apps, "Application", "vault-secrets-operator") as Application)[0]?.helm?.valuesObject;
    const account = "vault-secrets-operator-controller-manager";

    expect(chart).toContain('name: {{ include "vso.chart.fullname" . }}-controller-manager');
    expect(auth.auth["demo-auth-mount"]?.roles["auth-role-operator"]?.bound_service_account_names).toEqual([account]);
    expect(values).toMatchObject({
      defaultVaultConnection: { address: "http://vault-active.vault.svc:8200" },
      controller: { manager: { clientCache: { storageEncryption: { kubernetes: { serviceAccount: account } } } } },
    });
  });

  test("the demo restarts with its secret, within thirty seconds, and prints no value", async () => {
    const demo = await render("apps/demo");
    const secret = only(demo, "VaultStaticSecret", "vault-kv-app");
    const text = JSON.stringify(only(demo, "Deployment", "demo"));

    expect(secret["spec"]).toMatchObject({
      refreshAfter: "30s",
      destination: { name: "secretkv", create: true },
      rolloutRestartTargets: [{ kind: "Deployment", name: "demo" }],
    });
    expect(text).toContain(`"secretName":"secretkv"`);
    expect(text).not.toMatch(/\bcat\b|sha\d*sum|md5sum|base64|env\b.*secretKeyRef/);
  });
});
