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

describe("a folder of the desired state", () => {
  it("is read with its folders; what is no YAML and no policy, or hidden, is left alone", async () => {
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

  it("tells of files that were perhaps meant, and whose names leave them out", async () => {
    await write({ "a.yaml": "", "teams/kv.YML": "", "policies.json": "{}", "README.md": "", "kustomization.toml": "" });

    const { warnings } = await loadDesired(folder);

    expect(warnings).toEqual([
      "policies.json is left out: only files that end in .yaml, .yml or .hcl are read",
      "teams/kv.YML is left out: only files that end in .yaml, .yml or .hcl are read",
    ]);
  });

  it("is read as Kubernetes mounts a ConfigMap: links into ..data, and __ for /", async () => {
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

  it("is read where several ConfigMaps are mounted side by side", async () => {
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

  it("may begin with a byte order mark, and is otherwise UTF-8", async () => {
    await write({ "a.yaml": "\ufeffpolicies: {}", "b.yaml": Uint8Array.of(0x61, 0xff) });

    await expect(loadDesired(folder)).rejects.toThrow("b.yaml: found bytes that are not UTF-8, expected text in UTF-8");
  });

  it("is refused where two files have one name", async () => {
    await write({ "a.yaml": "{}", "p/a.hcl": policy, "p__a.hcl": policy });

    await expect(loadDesired(folder)).rejects.toThrow("p/a.hcl: found two files of this name, expected one");
  });

  it("is refused without a YAML file, since an empty mount would otherwise pass for an empty wish", async () => {
    await write({ "a.hcl": policy });

    await expect(loadDesired(folder)).rejects.toThrow("found no .yaml file, expected at least one");
  });

  it("is refused where it is missing, is a file, or holds a link to nothing", async () => {
    await write({ "config/a.yaml": "{}" });
    await symlink("nowhere", join(folder, "config/b.yaml"));

    for (const path of ["missing", "config/a.yaml", "config"]) {
      const load = loadDesired(join(folder, path));

      await expect(load).rejects.toMatchObject({ name: "ConfigError", exitCode: 2 });
      await expect(load).rejects.toThrow(`read the configuration in ${join(folder, path)}: `);
    }
  });

  it("with a policy of 1 MB is read within two seconds", async () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `path "kv/${i}" {\n  capabilities = ["read"]\n}\n`).join("");
    await write({ "a.yaml": "policies: { big: { file: big.hcl } }", "big.hcl": text });
    const started = performance.now();

    const { items } = await loadDesired(folder);

    expect(items[0]?.desired["policy"]).toHaveLength(text.length);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("the recovery words", () => {
  it("are heeded where the rest of the configuration is wrong", async () => {
    await write({
      "a.yaml": "recovery: { acceptDataLoss: abc }\nnonsense: 1",
      "b.yaml": "recovery: {",
      "c.yaml": "policies: { p: { file: gone.hcl } }",
    });

    expect(await loadRecovery(folder)).toEqual({ acceptDataLoss: "abc" });
  });

  it("are none where none are given", async () => {
    await write({ "a.yaml": "policies: {}" });

    expect(await loadRecovery(folder)).toEqual({});
  });

  it("are refused where they are wrong themselves", async () => {
    await write({ "a.yaml": "recovery: { acceptDataLos: abc }", "b.yaml": "recovery: { remakeUnused: x }" });

    await expect(loadRecovery(folder)).rejects.toThrow("b.yaml:1:1: recovery: found a second declaration");
    await expect(loadRecovery(folder)).rejects.toThrow("did you mean acceptDataLoss?");
  });
});
