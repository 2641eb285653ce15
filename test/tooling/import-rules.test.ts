import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { attempt } from "../cluster/run.ts";

/** Which folders of src each folder may import (docs/adr/0001-observe-plan-apply.md). */
const directions: Readonly<Record<string, readonly string[]>> = {
  util: [],
  vault: ["util"],
  kube: ["util"],
  custody: ["kube", "util"],
  connect: ["kube", "vault", "util"],
  kinds: ["vault", "util"],
  desired: ["kinds", "custody", "util"],
  "plan-apply": ["kinds", "connect", "custody", "kube", "vault", "util"],
  login: ["plan-apply", "kinds", "connect", "custody", "kube", "vault", "util"],
  raft: ["connect", "kube", "vault", "util"],
  configure: ["login", "plan-apply", "desired", "kinds", "raft", "connect", "custody", "kube", "vault", "util"],
  "bring-up": ["connect", "custody", "kube", "vault", "util"],
  watch: ["bring-up", "connect", "custody", "kube", "vault", "util"],
  health: ["watch", "bring-up", "connect", "custody", "kube", "vault", "util"],
  argocd: ["health", "watch", "kube", "util"],
};
const folders = [...Object.keys(directions), "commands"];

/** A folder with the project's lint rules and a `src` of planted files. */
let planted: string;
/** The rules that each planted file broke, by its path. */
let broken: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  planted = await mkdtemp(join(tmpdir(), "vault-hooks-import-rules-"));
  const rules = JSON.parse(await readFile(join(projectDir, "biome.json"), "utf8"));
  await plant("biome.json", JSON.stringify({ ...rules, vcs: undefined }));
  await cp(join(projectDir, "package.json"), join(planted, "package.json"));
  for (const folder of folders) {
    await plant(`src/${folder}/target.ts`, `export const target = "${folder}";\n`);
    for (const other of folders)
      await plant(`src/${folder}/inner/imports-${other}.ts`, importOf(`../../${other}/target.ts`));
    await plant(`src/${folder}/imports-cli.ts`, importOf("../cli.ts"));
  }
  await plant("src/cli.ts", "export const target = 1;\n");
  await plant("src/imports-kube.ts", importOf("./kube/target.ts"));
  await plant("src/kube/one.ts", 'import type { Two } from "./two.ts";\n\nexport type One = { readonly two?: Two };\n');
  await plant("src/kube/two.ts", 'import type { One } from "./one.ts";\n\nexport type Two = { readonly one?: One };\n');
  broken = await lint();
}, 60_000);

afterAll(() => rm(planted, { recursive: true }));

async function plant(path: string, text: string): Promise<void> {
  const file = join(planted, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function importOf(path: string): string {
  return `import { target } from "${path}";\n\nexport const used = target;\n`;
}

async function lint(): Promise<Map<string, string[]>> {
  const biome = join(projectDir, "node_modules/.bin/biome");
  const { stdout } = await attempt(biome, ["lint", "--reporter=json", "--max-diagnostics=none", "."], { cwd: planted });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: unknown } }[] };
  const found = new Map<string, string[]>();
  for (const { category, location } of diagnostics) {
    const path = JSON.stringify(location.path).match(/src\/[^"]+/)?.[0] ?? "";
    found.set(path, [...(found.get(path) ?? []), category]);
  }
  return found;
}

const restricted = ["lint/style/noRestrictedImports"];
const pairs = Object.keys(directions).flatMap((folder) => folders.map((other) => ({ folder, other })));

describe("the linter", () => {
  it.each(pairs.filter(({ folder, other }) => folder !== other && !directions[folder]?.includes(other)))(
    "refuses an import of src/$other in src/$folder",
    ({ folder, other }) => {
      expect(broken.get(`src/${folder}/inner/imports-${other}.ts`)).toEqual(restricted);
    },
  );

  it.each(pairs.filter(({ folder, other }) => folder === other || directions[folder]?.includes(other)))(
    "accepts an import of src/$other in src/$folder",
    ({ folder, other }) => {
      expect(broken.get(`src/${folder}/inner/imports-${other}.ts`)).toBeUndefined();
    },
  );

  it.each(Object.keys(directions))("refuses an import of src/cli.ts in src/%s", (folder) => {
    expect(broken.get(`src/${folder}/imports-cli.ts`)).toEqual(restricted);
  });

  it("refuses an import of a folder in a file of src itself", () => {
    expect(broken.get("src/imports-kube.ts")).toEqual(restricted);
  });

  it("refuses a cycle of types", () => {
    expect(broken.get("src/kube/one.ts")).toEqual(["lint/suspicious/noImportCycles"]);
  });
});
