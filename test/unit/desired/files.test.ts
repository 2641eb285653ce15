import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadDesired, loadRecovery } from "../../../src/desired/load.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

let root: string;
let folder: string;

beforeAll(async () => {
  root = await tempDir("config");
});

beforeEach(async () => {
  folder = await mkdtemp(join(root, "config-"));
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

async function write(files: Readonly<Record<string, string | Uint8Array>>, into = folder): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(into, name)), { recursive: true });
    await writeFile(join(into, name), text);
  }
}

const policy = 'path "a" {\n  capabilities = ["read"]\n}\n';

describe("loadDesired", () => {
  it("reads YAML and .hcl files in all folders, and ignores hidden and other files", async () => {
    await write({
      "policies.yaml": "policies: { dev: { file: policies/dev.hcl } }",
      "policies/dev.hcl": policy,
      "teams/a/kv.yml": "secrets: { a: { type: kv } }",
      ".hidden.yaml": "nonsense",
      ".git/x.yaml": "nonsense",
      "README.md": "# nonsense",
      "old.yaml.bak": "nonsense",
    });

    const { items } = await loadDesired(folder);

    expect(items.map(({ path }) => path)).toEqual(["sys/mounts/a", "sys/policies/acl/dev"]);
  });

  it("warns of ignored files whose names end similarly", async () => {
    await write({ "a.yaml": "", "teams/kv.YML": "", "policies.json": "{}", "README.md": "", "kustomization.toml": "" });

    const { warnings } = await loadDesired(folder);

    expect(warnings.map(({ text }) => text)).toEqual([
      "policies.json is ignored: only .yaml, .yml and .hcl files are read",
      "teams/kv.YML is ignored: only .yaml, .yml and .hcl files are read",
    ]);
  });

  it("reads a mounted ConfigMap: links into ..data, and __ for /", async () => {
    await write(
      {
        "policies.yaml": "policies: { dev: { file: policies/dev.hcl } }",
        policies__dev: "left alone",
        "policies__dev.hcl": policy,
      },
      join(folder, "..2026_01_01_00_00_00.1"),
    );
    await symlink("..2026_01_01_00_00_00.1", join(folder, "..data"));
    for (const name of ["policies.yaml", "policies__dev.hcl"]) {
      await symlink(join("..data", name), join(folder, name));
    }

    const { items, warnings } = await loadDesired(folder);

    expect(items.map(({ path }) => path)).toEqual(["sys/policies/acl/dev"]);
    expect(warnings).toEqual([]);
  });

  it("reads several ConfigMaps that are mounted in one folder", async () => {
    for (const [map, text] of [
      ["one", "policies: { a: { file: a.hcl } }"],
      ["two", "secrets: { kv: { type: kv } }"],
    ] as const) {
      await write({ "desired.yaml": text }, join(folder, map, "..1"));
      await symlink("..1", join(folder, map, "..data"));
      await symlink("..data/desired.yaml", join(folder, map, "desired.yaml"));
    }
    await write({ "a.hcl": policy });

    const { items } = await loadDesired(folder);

    expect(items.map(({ path }) => path)).toEqual(["sys/mounts/kv", "sys/policies/acl/a"]);
  });

  it("accepts a byte order mark, and refuses bytes that are not UTF-8", async () => {
    await write({ "a.yaml": "\ufeffpolicies: {}", "b.yaml": Uint8Array.of(0x61, 0xff) });

    await expect(loadDesired(folder)).rejects.toThrow("b.yaml: found bytes that are not UTF-8, expected text in UTF-8");
  });

  it("refuses two files whose names are the same once __ stands for /", async () => {
    await write({ "a.yaml": "{}", "p/a.hcl": policy, "p__a.hcl": policy });

    await expect(loadDesired(folder)).rejects.toThrow("p/a.hcl: found two files of this name, expected one");
  });

  it("refuses a folder without YAML files, such as an empty mount", async () => {
    await write({ "a.hcl": policy });

    await expect(loadDesired(folder)).rejects.toThrow("found no .yaml file, expected at least one");
  });

  it("refuses a folder that is missing, is a file, or contains a broken link", async () => {
    await write({ "config/a.yaml": "{}" });
    await symlink("nowhere", join(folder, "config/b.yaml"));

    const messages = {
      missing: `folder ${folder}/missing does not exist`,
      "config/a.yaml": `${folder}/config/a.yaml is not a folder`,
      config: `read the configuration in ${folder}/config: `,
    };
    for (const [path, message] of Object.entries(messages)) {
      const load = loadDesired(join(folder, path));

      await expect(load).rejects.toMatchObject({ name: "ConfigError", exitCode: 2 });
      await expect(load).rejects.toThrow(message);
    }
  });

  it("reads a policy of 1 MB", async () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `path "kv/${i}" {\n  capabilities = ["read"]\n}\n`).join("");
    await write({ "a.yaml": "policies: { big: { file: big.hcl } }", "big.hcl": text });

    const { items } = await loadDesired(folder);

    expect(items[0]?.desired["policy"]).toHaveLength(text.length);
  }, 60_000);
});

describe("loadRecovery", () => {
  it("returns the recovery declarations even if the rest of the configuration is invalid", async () => {
    await write({
      "a.yaml": "recovery: { acceptDataLoss: abc }\nnonsense: 1",
      "b.yaml": "recovery: {",
      "c.yaml": "policies: { p: { file: gone.hcl } }",
    });

    expect(await loadRecovery(folder)).toEqual({ acceptDataLoss: "abc" });
  });

  it("returns no declarations if there are none", async () => {
    await write({ "a.yaml": "policies: {}" });

    expect(await loadRecovery(folder)).toEqual({});
  });

  it("refuses invalid recovery declarations", async () => {
    await write({ "a.yaml": "recovery: { acceptDataLos: abc }", "b.yaml": "recovery: { remakeUnused: x }" });

    await expect(loadRecovery(folder)).rejects.toThrow("b.yaml:1:1: recovery: found a second declaration");
    await expect(loadRecovery(folder)).rejects.toThrow("did you mean acceptDataLoss?");
  });
});
