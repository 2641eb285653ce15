import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import renovate from "../../renovate.json" with { type: "json" };
import { withoutDigests } from "../cluster/git-server.ts";
import { projectDir } from "../cluster/paths.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const read = (file: string) => readFile(join(projectDir, file), "utf8");

type Found = { readonly depName: string; readonly currentValue: string; readonly currentDigest: string | undefined };

/** What a regex manager of renovate.json finds in a file. */
function find(description: string, text: string): Found[] {
  const manager = managerOf(description);
  return [...text.matchAll(new RegExp(manager.matchStrings[0] ?? "", "g"))].map(({ groups = {} }) => ({
    depName: groups["depName"] ?? ("depNameTemplate" in manager ? manager.depNameTemplate : "") ?? "",
    currentValue: groups["currentValue"] ?? "",
    currentDigest: groups["currentDigest"],
  }));
}

function managerOf(description: string) {
  const found = renovate.customManagers.find((each) => each.description.startsWith(description));
  if (!found) throw new Error(`renovate.json has no manager: ${description}`);
  return found;
}

test("Renovate finds Vault's image, the charts and kind's node image where they are named", async () => {
  const [vault, root, versions] = [
    await read("apps/vault.yaml"),
    await read("apps/root.yaml"),
    await read("test/cluster/versions.ts"),
  ];

  expect(find("Vault's image", vault)).toMatchObject([{ depName: "hashicorp/vault" }]);
  expect(find("Vault's chart", root)).toMatchObject([{ depName: "vault" }]);
  expect(find("The operator's chart", root)).toMatchObject([{ depName: "vault-secrets-operator" }]);
  expect(find("The node image", versions)).toMatchObject([
    { depName: "kindest/node", currentDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
  ]);
});

test("Renovate adds a digest to Vault's image, and finds it again", async () => {
  const text = withoutDigests(await read("apps/vault.yaml"));
  const manager = managerOf("Vault's image") as { matchStrings: string[]; autoReplaceStringTemplate: string };
  const pattern = new RegExp(manager.matchStrings[0] ?? "");
  const { depName = "", indentation = "", currentValue = "" } = pattern.exec(text)?.groups ?? {};
  const replacement = manager.autoReplaceStringTemplate
    .replace("{{{depName}}}", depName)
    .replace("{{{indentation}}}", indentation)
    .replace("{{{newValue}}}", currentValue)
    .replace("{{#if newDigest}}@{{{newDigest}}}{{/if}}", `@${digest}`);

  const pinned = text.replace(pattern, replacement);

  expect(replacement).not.toContain("{{");
  expect(pinned).toBe(text.replace(`tag: ${currentValue}`, `tag: ${currentValue}@${digest}`));
  expect(find("Vault's image", pinned)).toEqual([{ depName, currentValue, currentDigest: digest }]);
  expect(withoutDigests(pinned)).toBe(text);
});

test("Git names images by digest, except its own, those of a chart, and the sample guestbook", async () => {
  const names: string[] = [];
  for await (const file of glob("{apps,hooks}/**/*.yaml", { cwd: projectDir }))
    names.push(...[...(await read(file)).matchAll(/^\s*(?:- )?image: (\S+)/gm)].map(([, name]) => name ?? ""));
  const bases = [...(await read("Dockerfile")).matchAll(/^ARG \w+_BASE=([^$]\S+)$/gm)].map(([, name]) => name ?? "");
  const vault = find("Vault's image", await read("apps/vault.yaml"));
  const byTag = [...names, ...bases].filter((name) => !/:[^@]+@sha256:[0-9a-f]{64}$/.test(name));

  expect(bases).toHaveLength(2);
  expect(vault[0]?.currentDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(byTag.filter((name) => !name.startsWith("ghcr.io/vault-hooks/"))).toEqual([
    "gcr.io/google-samples/gb-frontend:v5",
  ]);
});

test("Renovate looks into every file with an image, and pins digests", async () => {
  const files: string[] = [];
  for await (const file of glob("{apps,hooks}/**/*.yaml", { cwd: projectDir })) files.push(file);
  const withImage = (await Promise.all(files.map(async (file) => ({ file, text: await read(file) }))))
    .filter(({ text }) => /^\s*(- )?image: \S+/m.test(text))
    .map(({ file }) => file);
  const [pattern = ""] = renovate.kubernetes.managerFilePatterns;

  expect(renovate.extends).toContain("docker:pinDigests");
  expect(withImage.length).toBeGreaterThan(3);
  expect(withImage.filter((file) => !new RegExp(pattern.slice(1, -1)).test(file))).toEqual([]);
});

test("every base of the Dockerfile is the default of an argument, where Renovate finds it", async () => {
  const text = await read("Dockerfile");
  const bases = [...text.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm)].map(([, base]) => base ?? "");
  const defaults = new Map([...text.matchAll(/^ARG (\w+_BASE)=(\S+)$/gm)].map(([, name, value]) => [name, value]));

  expect(bases).toHaveLength(3);
  for (const base of bases) expect(defaults.has(/^\$\{(\w+)\}$/.exec(base)?.[1]), base).toBe(true);
});

test("where no registry is reached, the served files have no digests: the images are made here", () => {
  expect(withoutDigests(`image: a/b:1@${digest}\n  tag: "1.2@${digest}"\n`)).toBe('image: a/b:1\n  tag: "1.2"\n');
});
