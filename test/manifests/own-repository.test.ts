import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readSettings } from "../../src/settings.ts";
import { type Manifest, only, render, title } from "../helpers/manifests.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { pathsFrom, publishHooks, writeOwnRepository } from "./own-repository.ts";

let sample: Manifest[];

beforeAll(async () => {
  sample = [...(await render("hooks")), ...(await render("hooks/base/custody"))];
}, 900_000);

async function byPath(): Promise<string> {
  const dir = await tempDir("own");
  await writeOwnRepository(dir, pathsFrom(dir));
  return dir;
}

async function byUrl(): Promise<string> {
  const [dir, published] = [await tempDir("own"), await publishHooks()];
  await published.tag("v0.1.0");
  await writeOwnRepository(dir, published.at("v0.1.0"));
  return dir;
}

/** The sample's objects, and those of custody, with the names and the image of the other repository, without ConfigMaps. */
function expectedObjects(): Manifest[] {
  const text = JSON.stringify(sample.filter(({ kind }) => kind !== "ConfigMap"))
    .replaceAll('"name":"vault","namespace":"vault"', '"name":"bao","namespace":"vault"')
    .replaceAll('"namespace":"vault"', '"namespace":"secrets"')
    .replaceAll('"namespace":"vault-custody"', '"namespace":"secrets-custody"')
    .replaceAll('"name":"vault-custody"', '"name":"secrets-custody"')
    .replaceAll('"kubernetes.io/metadata.name":"vault-custody"', '"kubernetes.io/metadata.name":"secrets-custody"')
    .replaceAll(".vault-custody", ".secrets-custody")
    .replaceAll("system:serviceaccount:vault:", "system:serviceaccount:secrets:")
    .replaceAll('"resourceNames":["vault"]', '"resourceNames":["bao"]')
    .replaceAll(/"image":"[^"]*"/g, '"image":"registry.example.com/vault-hooks:v9"');
  return JSON.parse(text) as Manifest[];
}

function sorted(manifests: readonly Manifest[]): Manifest[] {
  return [...manifests].sort((a, b) => title(a).localeCompare(title(b)));
}

function dataOf(manifests: readonly Manifest[], name: string): Record<string, string> {
  return only(manifests, "ConfigMap", name)["data"] as Record<string, string>;
}

describe.each([
  ["a path", byPath],
  ["a Git URL with ?ref=", byUrl],
])("another repository that uses the base by %s", (_, write) => {
  let dir: string;
  let own: Manifest[];

  beforeAll(async () => {
    dir = await write();
    own = await render(dir);
  });

  test("renders the sample's objects with its own image, namespaces and StatefulSet", () => {
    const objects = own.filter(({ kind }) => kind !== "ConfigMap");

    expect(sorted(objects)).toEqual(sorted(expectedObjects()));
  });

  test("has its settings where the program reads them, and the base's for the rest", () => {
    const settings = readSettings({}, false, dataOf(own, "vault-hooks-settings"));

    expect(settings).toMatchObject({
      shares: 7,
      threshold: 4,
      namespace: "secrets",
      custodyNamespace: "secrets-custody",
      statefulset: "bao",
      timeoutMs: 120_000,
    });
  });

  test("has its configuration alone in the ConfigMap that the Jobs mount", async () => {
    const text = await readFile(join(dir, "config/audit.yaml"), "utf8");

    expect(dataOf(own, "vault-hooks-config")).toEqual({ "audit.yaml": text });
  });

  test("has every ConfigMap that its Jobs name, in their namespace", () => {
    const configMaps = own.filter(({ kind }) => kind === "ConfigMap").map(({ metadata }) => metadata);
    const names = JSON.stringify(own.filter(({ kind }) => kind === "Job")).matchAll(
      /"configMap(?:Ref)?":\{"name":"([^"]+)"/g,
    );
    const named = new Set([...names].map(([, name]) => name));

    expect(named).toEqual(new Set(["vault-hooks-settings", "vault-hooks-config"]));
    for (const name of named)
      expect(configMaps).toContainEqual(expect.objectContaining({ name, namespace: "secrets" }));
  });
});

describe("the right to recreate an unused Vault", () => {
  test("follows the namespace and the StatefulSet, too", async () => {
    const dir = await byPath();
    const file = join(dir, "kustomization.yaml");
    const remake = pathsFrom(dir)("base/remake");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("components:", `  - ${remake}\ncomponents:`));

    const own = await render(dir);

    expect(only(own, "Role", "vault-hooks-remake")).toMatchObject({
      metadata: { namespace: "secrets" },
      rules: [
        { resourceNames: ["data-bao-0", "data-bao-1", "data-bao-2"] },
        { resourceNames: ["bao-0", "bao-1", "bao-2"] },
      ],
    });
    expect(only(own, "RoleBinding", "vault-hooks-remake")).toMatchObject({
      metadata: { namespace: "secrets" },
      subjects: [{ name: "vault-hooks-init", namespace: "secrets" }],
    });
  });
});

test("a namespace transformer is refused, since it would put custody and Vault into one namespace", async () => {
  const dir = await byPath();
  const file = join(dir, "kustomization.yaml");
  await writeFile(file, `namespace: secrets\n${await readFile(file, "utf8")}`);

  await expect(render(dir)).rejects.toThrow("namespace transformation produces ID conflict");
});

test("a second level of overlays is refused while it gives its kustomization the name of the first one's", async () => {
  const upper = await tempDir("upper");
  const generator = "name: vault-hooks-kustomization, namespace: vault, files: [kustomization.yaml]";
  const text = `resources: [${pathsFrom(upper)("")}]\nconfigMapGenerator:\n  - { ${generator} }\n`;
  await writeFile(join(upper, "kustomization.yaml"), text);

  await expect(render(upper)).rejects.toThrow(
    /vault-hooks-kustomization.*exists; .*behavior must be merge or replace/s,
  );

  await writeFile(join(upper, "kustomization.yaml"), text.replace("-kustomization,", "-kustomization-upper,"));
  expect((await render(upper)).filter(({ kind }) => kind === "ConfigMap")).toHaveLength(5);
});
