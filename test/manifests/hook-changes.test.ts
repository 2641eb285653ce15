import { appendFile, cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { run } from "../cluster/run.ts";
import { isHook, type Manifest, render, title } from "../helpers/manifests.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { publishHooks } from "./own-repository.ts";

const ofBase = "ConfigMap vault/vault-hooks-jobs";
const ofKustomization = "ConfigMap vault/vault-hooks-kustomization";
const ofSettings = "ConfigMap vault/vault-hooks-settings";
const allJobs = ["configure", "init", "join", "unseal"].map((verb) => `Job vault/vault-${verb}`);
const drift = "CronJob vault/vault-drift";
const allHooks = [drift, ...allJobs];

let folder: string;

beforeAll(async () => {
  await render("hooks"); // builds kustomize the first time
}, 900_000);

beforeEach(async () => {
  folder = await tempDir("hooks");
  await cp(join(projectDir, "hooks"), folder, { recursive: true });
});

async function replace(file: string, from: string, to: string): Promise<void> {
  const path = join(folder, file);
  const text = await readFile(path, "utf8");
  if (!text.includes(from)) throw new Error(`${file} does not contain "${from}"`);
  await writeFile(path, text.replace(from, to));
}

/** Titles of the objects that differ, or are in one list alone: the hooks, which Argo CD leaves out, and the ordinary ones. */
function difference(before: readonly Manifest[], after: readonly Manifest[]) {
  const texts = (manifests: readonly Manifest[]) => new Set(manifests.map((each) => JSON.stringify(each)));
  const [old, current] = [texts(before), texts(after)];
  const changed = [
    ...before.filter((each) => !current.has(JSON.stringify(each))),
    ...after.filter((each) => !old.has(JSON.stringify(each))),
  ];
  const titles = (manifests: readonly Manifest[]) => [...new Set(manifests.map(title))].sort();
  return { hooks: titles(changed.filter(isHook)), ordinary: titles(changed.filter((each) => !isHook(each))) };
}

/** Renders the copy of hooks/ before and after an edit. */
async function differenceBy(edit: () => Promise<void>) {
  const before = await render(folder);
  await edit();
  return difference(before, await render(folder));
}

function remoteBase(url: string): string {
  const generator = "name: vault-hooks-kustomization, namespace: vault, files: [kustomization.yaml]";
  const options = "options: { disableNameSuffixHash: true }";
  return `resources:\n  - ${url}\nconfigMapGenerator:\n  - { ${generator}, ${options} }\n`;
}

const patch = (seconds: number) => `- { op: replace, path: /spec/activeDeadlineSeconds, value: ${seconds} }\n`;
const inlinePatch = `patches:\n  - target: { kind: Job }\n    patch: |\n      ${patch(900)}`;

describe("an ordinary object changes, and so the hooks run, after a change", () => {
  test.each([
    ["to the Job that all hooks share", "base/job/job.yaml", "backoffLimit: 3", "backoffLimit: 4", allJobs],
    ["to the image of the base", "base/job/job.yaml", "vault-hooks:v0", "vault-hooks:v1", allHooks],
    ["to the Job of init", "base/init/kustomization.yaml", "840", "900", ["Job vault/vault-init"]],
    ["to the Job of unseal", "base/unseal/kustomization.yaml", '"2"', '"5"', ["Job vault/vault-unseal"]],
    ["to the Job of join", "base/join/kustomization.yaml", '"3"', '"5"', ["Job vault/vault-join"]],
    ["to the Job of configure", "base/configure/kustomization.yaml", "600", "900", ["Job vault/vault-configure"]],
    ["to the schedule of the comparison with Git", "base/drift/cronjob.yaml", "*/15", "*/30", [drift]],
  ])("%s", async (_, file, from, to, hooks) => {
    expect(await differenceBy(() => replace(file, from, to))).toEqual({ hooks, ordinary: [ofBase] });
  });

  test.each([
    ["to the image's name", "newName: ghcr.io/", "newName: registry.example.com/"],
    ["to the image's tag", "images:\n  - name:", "images:\n  - newTag: v9\n    name:"],
    ["to the image's digest", "images:\n  - name:", `images:\n  - digest: sha256:${"0".repeat(64)}\n    name:`],
  ])("%s in the component that sets it", async (_, from, to) => {
    expect(await differenceBy(() => replace("image/kustomization.yaml", from, to))).toEqual({
      hooks: allHooks,
      ordinary: [ofKustomization],
    });
  });

  test.each([["that adds a patch to one's own kustomization", "components:", `${inlinePatch}components:`]])(
    "%s",
    async (_, from, to) => {
      expect(await differenceBy(() => replace("kustomization.yaml", from, to))).toEqual({
        hooks: allJobs,
        ordinary: [ofKustomization],
      });
    },
  );

  test("to the file of a patch, when the generator lists it", async () => {
    await writeFile(join(folder, "deadline.yaml"), patch(900));
    await appendFile(
      join(folder, "kustomization.yaml"),
      "patches:\n  - { path: deadline.yaml, target: { kind: Job } }\n",
    );
    await replace(
      "kustomization.yaml",
      "      - kustomization.yaml\n",
      "      - kustomization.yaml\n      - deadline.yaml\n",
    );

    const changed = await differenceBy(() => writeFile(join(folder, "deadline.yaml"), patch(1000)));

    expect(changed).toEqual({ hooks: allJobs, ordinary: [ofKustomization] });
  });

  test.each([
    ["to the number of shares", "VAULT_HOOKS_SHARES=1", "VAULT_HOOKS_SHARES=5"],
    ["to the threshold", "VAULT_HOOKS_THRESHOLD=1", "VAULT_HOOKS_THRESHOLD=3"],
    ["that adds a setting", "literals:\n", "literals:\n      - VAULT_HOOKS_TIMEOUT=1m\n"],
  ])("%s", async (_, from, to) => {
    expect(await differenceBy(() => replace("kustomization.yaml", from, to))).toEqual({
      hooks: [], // the settings are in the environment that their pods get
      ordinary: [ofKustomization, ofSettings],
    });
  });

  test("to a namespace", async () => {
    const { ordinary } = await differenceBy(() =>
      replace("kustomization.yaml", "literals:\n", "literals:\n      - VAULT_HOOKS_CUSTODY_NAMESPACE=keys\n"),
    );

    expect(ordinary).toEqual(expect.arrayContaining([ofKustomization, ofSettings, "Role keys/vault-hooks-init"]));
  });
});

describe("with a remote base, an ordinary object changes after a new ref", () => {
  test.each([
    ["with another image", "vault-hooks:v0.1.0", "vault-hooks:v0.2.0", allHooks, [ofBase]],
    ["that changes no hook", "backoffLimit: 3", "backoffLimit: 3", [], []],
  ])("%s", async (_, from, to, hooks, ordinary) => {
    const [published, own] = [await publishHooks(), await tempDir("own")];
    folder = join(published.dir, "hooks");
    await published.tag("v0.1.0");
    await replace("base/job/job.yaml", from, to);
    await published.tag("v0.2.0");
    const pin = (tag: string) => writeFile(join(own, "kustomization.yaml"), remoteBase(published.at(tag)("base")));
    await pin("v0.1.0");
    const before = await render(own);
    await pin("v0.2.0");

    const changed = difference(before, await render(own));

    expect(changed).toEqual({ hooks, ordinary: [...ordinary, ofKustomization] });
  });
});

describe("the generated ConfigMap of the base", () => {
  test("holds every file that the Jobs are made of", async () => {
    const found = await run("find", ["base", "-name", "*.yaml"], { cwd: folder });
    const files = found
      .trim()
      .split("\n")
      .filter((file) => !/rbac|custody|disruption|network|remake|settings/.test(file));
    const contents = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));

    const held = (await render(folder)).find((each) => title(each) === ofBase)?.["data"] as Record<string, string>;

    expect(contents).toHaveLength(8);
    expect(Object.values(held).sort()).toEqual(contents.sort());
  });

  test("is an ordinary object; the image's version is named there, by the watcher, and nowhere else", async () => {
    const held = (await render(folder)).find((each) => title(each) === ofBase);
    const files = await run("grep", ["-rlE", "vault-hooks/vault-hooks:v|newTag:", "hooks", "apps"], {
      cwd: projectDir,
    });

    expect(held && isHook(held)).toBe(false);
    expect(files.trim().split("\n").sort()).toEqual(["hooks/base/job/job.yaml", "hooks/watch/base/deployment.yaml"]);
  });
});
