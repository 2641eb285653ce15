import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";

/** A module that is left out of the bundle, and what stands in its place. */
interface Stub {
  readonly module: RegExp;
  readonly importer: RegExp;
  readonly contents: string;
}

/**
 * Dead weight: what our dependencies import and we never run. It costs start time in every hook, so it is left out,
 * and what could be called by mistake says so instead of failing in an obscure way.
 */
const STUBS: readonly Stub[] = [
  // node-vault is always given our own transport (src/vault), and asks for axios only without one.
  {
    module: /^axios$/,
    importer: /node_modules\/node-vault\//,
    contents: 'exports.create = () => { throw new Error("node-vault was made without a transport"); };',
  },
  // How many columns a text takes, emoji and all: its tables take 10 ms to load, and what yargs prints for us is ASCII.
  {
    module: /^string-width$/,
    importer: /node_modules\/(?:yargs|cliui|wrap-ansi)\//,
    contents: "export default (text) => text.length;",
  },
  // undici's test doubles, and a cache kept in SQLite.
  { module: /\/lib\/mock\/|\/sqlite-cache-store$/, importer: /node_modules\/undici\/index\.js$/, contents: "" },
];

const leaveOut: Plugin = {
  name: "leave-out",
  setup(hooks) {
    for (const [index, stub] of STUBS.entries()) {
      hooks.onResolve({ filter: stub.module }, ({ importer }) =>
        stub.importer.test(importer) ? { path: String(index), namespace: "stub" } : undefined,
      );
    }
    hooks.onLoad({ filter: /.*/, namespace: "stub" }, ({ path }) => ({
      contents: STUBS[Number(path)]?.contents ?? "",
    }));
  },
};

const own = Symbol("resolved by this plugin");

/** The Kubernetes client does not say that a module of it which nothing is used of can be left out; each is declarations alone. */
const clientInParts: Plugin = {
  name: "client-in-parts",
  setup(hooks) {
    hooks.onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === own || !`${path} ${from.importer}`.includes("@kubernetes/client-node")) return undefined;
      const { importer, namespace, resolveDir, kind } = from;
      const found = await hooks.resolve(path, { importer, namespace, resolveDir, kind, pluginData: own });
      return found.path.includes("@kubernetes/client-node") ? { ...found, sideEffects: false } : undefined;
    });
  },
};

/**
 * The Kubernetes client's serializer names every object that Kubernetes has, and each takes time to load. Those that no request or
 * answer of the APIs in use can hold are left out of it.
 */
const objectsOfApis: Plugin = {
  name: "objects-of-apis",
  setup(hooks) {
    hooks.onLoad({ filter: /client-node\/dist\/gen\/models\/ObjectSerializer\.js$/ }, async ({ path }) => {
      const [models, text] = [dirname(path), await readFile(path, "utf8")];
      const used = (await readFile(USED, "utf8")).match(/\w+Api\b/g) ?? [];
      const texts = used.map((api) => readFile(join(models, "../apis", `${api}.js`), "utf8"));
      const open = (await Promise.all(texts)).flatMap(typesIn);
      const kept = new Set<string>();
      for (let type = open.pop(); type !== undefined; type = open.pop()) {
        if (kept.has(type) || !text.includes(`"${type}": ${type},`)) continue;
        kept.add(type);
        open.push(...typesIn(await readFile(join(models, `${type}.js`), "utf8")));
      }
      const contents = text.replace(/^ *"(\w+)": \1,\n/gm, (entry, type) => (kept.has(type) ? entry : ""));
      if (kept.size === 0 || contents === text) throw new Error(`${path} is not written as expected any more`);
      return { contents };
    });
  },
};

/** Where the APIs in use are named. */
const USED = join(import.meta.dirname, "src/kube/client-node.ts");

/** Names of types stand in quotes: `"V1Pod"`, `"Array<V1Pod>"`, `"{ [key: string]: V1Pod; }"`. */
function typesIn(text: string): string[] {
  return [...text.matchAll(/"[^"\n]*"/g)].flatMap(([quoted]) => quoted.match(/[A-Z]\w+/g) ?? []);
}

/**
 * V8 compiles undici's HTTP parser, which is WebAssembly, once more and better after some ten answers: 74 ms of another thread, which
 * Vault may need and the end of the process waits for, to save a few. It is told not to just before it reads the parser. As flags of
 * the command line this would make Node start without the code that it keeps of its own modules, 14 ms slower.
 */
const parserCompiledOnce: Plugin = {
  name: "parser-compiled-once",
  setup(hooks) {
    hooks.onLoad({ filter: /undici\/lib\/llhttp\/llhttp_simd-wasm\.js$/ }, async ({ path }) => ({
      contents: `for (const flag of ["--no-wasm-dynamic-tiering", "--no-wasm-tier-up"]) require("node:v8").setFlagsFromString(flag);
${await readFile(path, "utf8")}`,
    }));
  },
};

/**
 * Bundles the program: program.cjs, and what runs it, vault-hooks.cjs and make-cache.cjs (src/program.ts). One file, since V8
 * caches a script's code with all that it called, and that of an ES module without.
 *
 * @param entry path of the TypeScript entry file of the program
 * @param outdir folder that is emptied and written
 */
export async function bundle(entry: string, outdir: string): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const from = (name: string) => join(import.meta.dirname, "src", name);
  const result = await build({
    entryPoints: { program: entry, "vault-hooks": from("run-program.ts"), "make-cache": from("make-cache.ts") },
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    minify: true,
    // A stack trace prints the line that threw: it must not be the whole program.
    lineLimit: 200,
    // Class names are part of what the logs say about an error.
    keepNames: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields: ["module", "main"],
    legalComments: "none",
    define: {
      "process.env.NODE_ENV": '"production"',
      "import.meta.dirname": "__dirname",
      // an entry that can be imported as well (the bench's bare client) is the program here
      "import.meta.main": "true",
      // yargs looks for its own languages beside it, and there are none
      "import.meta.url": '"file:///"',
    },
    plugins: [objectsOfApis, clientInParts, parserCompiledOnce, leaveOut],
    metafile: true,
    logLevel: "warning",
  });
  return result.metafile;
}

if (import.meta.main) {
  const [entry = "src/cli.ts", outdir = "dist"] = process.argv.slice(2);
  const { outputs } = await bundle(entry, outdir);
  const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
  process.stdout.write(`${outdir}: ${Object.keys(outputs).length} files, ${Math.round(bytes / 1024)} KiB\n`);
}
