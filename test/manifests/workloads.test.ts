import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { projectDir } from "../cluster/paths.ts";
import { moduleSource } from "../cluster/servers.ts";
import { type Manifest, only, render, renderedFolders, title } from "../helpers/manifests.ts";
import { type Application, sourcesOf } from "./application.ts";

let apps: Manifest[];

beforeAll(async () => {
  apps = await render("apps");
}, 900_000);

function firstSource(name: string) {
  return sourcesOf(only(apps, "Application", name) as Application)[0];
}

test("no Secret comes from Git", async () => {
  const all = (await Promise.all(renderedFolders.map(render))).flat();

  expect(all.length).toBeGreaterThan(40);
  expect(all.filter(({ kind }) => kind === "Secret").map(title)).toEqual([]);
});

test("Vault's pods are Ready while sealed, or the hooks would never start", () => {
  expect(firstSource("vault")?.helm?.valuesObject).toMatchObject({
    server: {
      readinessProbe: {
        enabled: true,
        path: "/v1/sys/health?standbyok=true&sealedcode=204&uninitcode=204&removedcode=204&haunhealthycode=204",
      },
      ha: { enabled: true, replicas: 3, raft: { enabled: true, setNodeId: true } },
    },
  });
});

test("Vault's StatefulSet is Healthy with a quorum of its pods, or a dead node would stop the hooks", () => {
  expect(firstSource("vault")?.helm?.valuesObject).toMatchObject({
    server: { statefulSet: { annotations: { "vault-hooks.dev/health": "quorum" } } },
  });
});

describe("the operator", () => {
  test("has no hook of ours in its Application, whose Helm hooks it would switch off", () => {
    const sources = sourcesOf(only(apps, "Application", "vault-secrets-operator") as Application);

    expect(sources.map(({ path }) => path)).toEqual([undefined]);
  });

  test("logs in with the account that its chart creates and that the desired state names", async () => {
    const auth = parse(await readFile(join(projectDir, "hooks/config/auth.yaml"), "utf8")) as {
      auth: Record<string, { roles: Record<string, { bound_service_account_names: string[] }> }>;
    };
    const folder = await moduleSource("vault-secrets-operator");
    const chart = await readFile(join(folder, "chart/templates/deployment.yaml"), "utf8");
    const account = "vault-secrets-operator-controller-manager";

    expect(chart).toContain('name: {{ include "vso.chart.fullname" . }}-controller-manager');
    expect(auth.auth["demo-auth-mount"]?.roles["auth-role-operator"]?.bound_service_account_names).toEqual([account]);
    expect(firstSource("vault-secrets-operator")?.helm?.valuesObject).toMatchObject({
      defaultVaultConnection: { address: "http://vault-active.vault.svc:8200" },
      controller: { manager: { clientCache: { storageEncryption: { kubernetes: { serviceAccount: account } } } } },
    });
  });
});

test("the demo restarts within thirty seconds of a change to its secret, and prints no value", async () => {
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
