import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
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

describe("the generator of the desired state", () => {
  test("lists every file of the folder", async () => {
    expect(await generatorErrors(hooks)).toEqual([]);
  });

  test("is found wanting when a file in a sub-folder is not listed", async () => {
    await writeFile(join(hooks, "config/policies/new.hcl"), "");

    expect(await generatorErrors(hooks)).toEqual([
      'hooks/config/policies/new.hcl is not listed in hooks/kustomization.yaml: add "- policies__new.hcl=config/policies/new.hcl"',
    ]);
  });

  test("is found wrong when a key does not give back the path", async () => {
    const file = join(hooks, "kustomization.yaml");
    const { readFile } = await import("node:fs/promises");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("policies__dev.hcl=", "dev.hcl="));

    expect(await generatorErrors(hooks)).toEqual([
      'hooks/config/policies/dev.hcl must be listed as "- policies__dev.hcl=config/policies/dev.hcl"',
    ]);
  });

  test("may make a ConfigMap of one MiB", () => {
    expect(sizeErrors(configMap({ a: "x".repeat(1024 * 1024 - 1) }))).toEqual([]);
  });

  test("above one MiB, it says to split", () => {
    const errors = sizeErrors(configMap({ a: "é".repeat(512 * 1024) }));

    expect(errors).toEqual([expect.stringMatching(/has 1048577 bytes, above 1 MiB: split it into several/)]);
  });
});
