import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { generatorErrors, sizeErrors } from "../helpers/generated-config.ts";

let hooks: string;

beforeEach(async () => {
  hooks = await mkdtemp(join(tmpdir(), "hooks-"));
  await cp(join(projectDir, "hooks"), hooks, { recursive: true });
});
afterEach(() => rm(hooks, { recursive: true }));

function configMap(data: Record<string, string>) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "vault-hooks-config" }, data };
}

describe("the check of the generators", () => {
  test("finds nothing wrong with the sample", async () => {
    expect(await generatorErrors(hooks)).toEqual([]);
  });

  test("finds a file in a sub-folder that is not listed", async () => {
    await writeFile(join(hooks, "config/policies/new.hcl"), "");

    expect(await generatorErrors(hooks)).toEqual([
      'hooks/config/policies/new.hcl is not listed in hooks/kustomization.yaml: add "- policies__new.hcl=config/policies/new.hcl"',
    ]);
  });

  test("finds a key that does not give back its path", async () => {
    const file = join(hooks, "kustomization.yaml");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("policies__dev.hcl=", "dev.hcl="));

    expect(await generatorErrors(hooks)).toEqual([
      'hooks/config/policies/dev.hcl must be listed as "- policies__dev.hcl=config/policies/dev.hcl"',
    ]);
  });

  test("finds a patch whose file is not listed, since a change to it would not run the hooks", async () => {
    const file = join(hooks, "kustomization.yaml");
    const text = await readFile(file, "utf8");
    const unlisted = text.replace(
      /(?<=name: vault-hooks-kustomization\n(?:.*\n)+? {6}- )kustomization\.yaml/,
      "other.yaml",
    );
    await writeFile(file, `${unlisted}patches:\n  - path: deadline.yaml\n`);

    expect(await generatorErrors(hooks)).toEqual([
      "hooks/kustomization.yaml is not listed under vault-hooks-kustomization: a change to it would not run the hooks",
      "hooks/deadline.yaml is not listed under vault-hooks-kustomization: a change to it would not run the hooks",
    ]);
  });
});

describe("the check of sizes", () => {
  test("accepts a ConfigMap of 1 MiB", () => {
    expect(sizeErrors(configMap({ a: "x".repeat(1024 * 1024 - 1) }))).toEqual([]);
  });

  test("asks to split a larger one", () => {
    const errors = sizeErrors(configMap({ a: "é".repeat(512 * 1024) }));

    expect(errors).toEqual([expect.stringMatching(/has 1048577 bytes, above 1 MiB: split it into several/)]);
  });
});
