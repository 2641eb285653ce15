import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadDesired } from "../../../src/desired/load.ts";
import { kinds } from "../../../src/kinds/index.ts";
import type { Item } from "../../../src/kinds/model/kind.ts";
import { projectDir } from "../../cluster/paths.ts";

const examples = join(projectDir, "docs/examples");
const tables = join(projectDir, "test/integration/kinds");

/** Vault asks the provider at every write of these, so only an account there can hold one. */
const needAnAccount = new Set([
  "AWS static role",
  "Azure role",
  "GCP roleset",
  "GCP static account",
  "GCP impersonated account",
]);

/** All examples together, as one folder. */
let items: readonly Item[];
/** What the tables of test/integration/kinds apply. */
let tested: string[];

beforeAll(async () => {
  ({ items } = await loadDesired(examples));
  const files = (await readdir(tables, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const texts = await Promise.all(files.map((name) => readFile(join(tables, name), "utf8")));
  tested = texts.flatMap((text) => [...text.matchAll(/\bexample: "([\w-]+)"/g)].map((match) => match[1] ?? ""));
});

describe("every kind", () => {
  it.each(kinds.map(({ name }) => name).filter((name) => !needAnAccount.has(name)))("has an example: %s", (name) => {
    expect(items.map(({ kind }) => kind.name)).toContain(name);
  });

  it("has a name of its own", () => {
    const names = kinds.map(({ name }) => name);

    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});

describe("every example", () => {
  it("is applied to real servers by a table of test/integration/kinds, once", async () => {
    const files = (await readdir(examples)).map((name) => name.replace(/\.yaml$/, ""));

    expect([...tested].sort()).toEqual(files.sort());
  });
});
