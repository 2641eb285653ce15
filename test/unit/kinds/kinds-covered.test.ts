import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadDesired } from "../../../src/desired/load.ts";
import { kinds } from "../../../src/kinds/index.ts";
import type { Item } from "../../../src/kinds/model/kind.ts";
import { projectDir } from "../../cluster/paths.ts";

const examples = join(projectDir, "docs/examples");
const tables = join(projectDir, "test/integration/kinds");

/** Vault calls the provider at each write of these, so a test needs an account there. */
const needAnAccount = new Set([
  "AWS static role",
  "Azure role",
  "GCP roleset",
  "GCP static account",
  "GCP impersonated account",
]);

/** The items of all examples, loaded as one folder. */
let items: readonly Item[];
/** The examples in the tables of test/integration/kinds. */
let testedExamples: string[];

beforeAll(async () => {
  ({ items } = await loadDesired(examples));
  const files = (await readdir(tables, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const texts = await Promise.all(files.map((name) => readFile(join(tables, name), "utf8")));
  testedExamples = texts.flatMap((text) => [...text.matchAll(/\bexample: "([\w-]+)"/g)].map((match) => match[1] ?? ""));
});

describe("every kind", () => {
  it.each(kinds.map(({ name }) => name).filter((name) => !needAnAccount.has(name)))(
    "has an example in docs/examples: %s",
    (name) => {
      expect(items.map(({ kind }) => kind.name)).toContain(name);
    },
  );

  it("has a unique name", () => {
    const names = kinds.map(({ name }) => name);

    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});

describe("every example", () => {
  it("is applied to real servers by exactly one table of test/integration/kinds", async () => {
    const files = (await readdir(examples)).map((name) => name.replace(/\.yaml$/, ""));

    expect([...testedExamples].sort()).toEqual(files.sort());
  });
});
