import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { withoutDigests } from "../cluster/git-server.ts";
import { projectDir } from "../cluster/paths.ts";
import { run } from "../cluster/run.ts";
import { images, server } from "../cluster/versions.ts";
import { type Manifest, only, placeholderErrors, render } from "../helpers/manifests.ts";
import { type Application, type AppProject, type Source, sourcesOf } from "./application.ts";
import { copyOfApps } from "./apps.ts";

let root: Application;
let apps: Manifest[];
let repository: Pick<Source, "repoURL" | "targetRevision">;

beforeAll(async () => {
  root = parse(await readFile(join(projectDir, "apps/root.yaml"), "utf8")) as Application;
  const { repoURL, targetRevision } = root.spec.source as Source;
  repository = { repoURL, targetRevision };
  apps = await render("apps");
}, 900_000);

function annotation(name: string): string | undefined {
  return root.metadata.annotations?.[`vault-hooks.dev/${name}`];
}

describe("the repository, the charts and their versions", () => {
  test("are named by the root alone", async () => {
    const lines = (value: string) => run("grep", ["-rhoF", value, "apps", "hooks"], { cwd: projectDir });

    for (const value of [repository.repoURL, annotation("vault-chart-version"), annotation("vso-chart-version")]) {
      expect((await lines(value ?? "")).trim()).toBe(value);
    }
    expect(apps.flatMap(placeholderErrors)).toEqual([]);
  });

  test("reach every source of every Application", () => {
    const children = apps.filter(({ kind }) => kind === "Application") as Application[];
    const sources = Object.fromEntries(children.map((each) => [each.metadata.name, sourcesOf(each)]));

    expect(sources).toMatchObject({
      vault: [
        { chart: "vault", repoURL: annotation("vault-chart-repo"), targetRevision: annotation("vault-chart-version") },
        { path: "hooks", ...repository },
      ],
      "vault-secrets-operator": [
        {
          chart: "vault-secrets-operator",
          repoURL: annotation("vso-chart-repo"),
          targetRevision: annotation("vso-chart-version"),
        },
      ],
      demo: [{ path: "apps/demo", ...repository }],
      guestbook: [{ path: "apps/guestbook", ...repository }],
      "vault-health": [{ path: "apps/vault-health", ...repository }],
    });
  });

  test("are those that the cluster of the tests runs", () => {
    const vault = sourcesOf(only(apps, "Application", "vault") as Application)[0]?.helm?.valuesObject as {
      server: { image: { repository: string; tag: string } };
    };

    const { repository, tag } = vault.server.image;

    expect(withoutDigests(`docker.io/${repository}:${tag}`)).toBe(images.vault);
    expect(`v${annotation("vso-chart-version")}`).toBe(server("vault-secrets-operator").version);
  });
});

describe("an application of one's own", () => {
  const baseline = { "pod-security.kubernetes.io/enforce": "baseline" };
  let folder: string;

  beforeEach(async () => {
    folder = await copyOfApps();
    await cp(join(folder, "guestbook"), join(folder, "shop"), { recursive: true });
    await addShop((text) => text);
  });

  /** Copies guestbook.yaml to shop.yaml, and lists it: what the documentation says to do. */
  async function addShop(edit: (text: string) => string): Promise<void> {
    const guestbook = await readFile(join(folder, "guestbook.yaml"), "utf8");
    await writeFile(join(folder, "shop.yaml"), edit(guestbook.replaceAll("guestbook", "shop")));
    const list = join(folder, "kustomization.yaml");
    const text = await readFile(list, "utf8");
    if (!text.includes("shop")) {
      await writeFile(list, text.replace("  - guestbook.yaml\n", "  - guestbook.yaml\n  - shop.yaml\n"));
    }
  }

  test("is a folder, one file, and its line: it has a namespace, and the root's repository and revision", async () => {
    const rendered = await render(folder);
    const shop = only(rendered, "Application", "shop") as Application;
    const project = only(rendered, "AppProject", "shop") as AppProject;

    expect(shop.spec).toMatchObject({ project: "shop", source: { path: "apps/shop", ...repository } });
    expect(shop.spec.destination.namespace).toBe("shop");
    expect(project.spec.sourceRepos).toEqual([repository.repoURL]);
    expect(project.spec.destinations.map(({ namespace }) => namespace)).toEqual(["shop"]);
    expect(only(rendered, "Namespace", "shop").metadata.labels).toMatchObject(baseline);
    expect(rendered.filter(({ metadata }) => metadata.name !== "shop")).toEqual(apps);
    expect(rendered.flatMap(placeholderErrors)).toEqual([]);
  });

  test("is reported when its label is missing", async () => {
    await addShop((text) => text.replaceAll(/ +vault-hooks\.dev\/source: root\n/g, "    mine: own\n"));

    expect((await render(folder)).flatMap(placeholderErrors)).toEqual([
      'AppProject argocd/shop: "see-root.yaml" was not replaced: give it the label vault-hooks.dev/source: root',
      'Application argocd/shop: "see-root.yaml" was not replaced: give it the label vault-hooks.dev/source: root',
    ]);
  });

  test("from another repository keeps its own source, without the label", async () => {
    const other = "https://git.example.com/shop.git";
    await addShop((text) =>
      text
        .replaceAll(/ +vault-hooks\.dev\/source: root\n/g, "    mine: own\n")
        .replace("targetRevision: see-root.yaml", "targetRevision: v1")
        .replaceAll("see-root.yaml", other),
    );

    const rendered = await render(folder);

    expect(only(rendered, "Application", "shop")).toMatchObject({
      spec: { source: { repoURL: other, targetRevision: "v1" } },
    });
    expect(only(rendered, "AppProject", "shop")).toMatchObject({ spec: { sourceRepos: [other] } });
  });
});
