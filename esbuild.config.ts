import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";

/** Modules that our dependencies import and that would slow every start, with their replacements. */
const stubs = new Map([
  // node-vault uses it only if it is given no transport, and it always gets ours (src/vault)
  ["axios", 'exports.create = () => { throw new Error("node-vault was made without a transport"); };'],
  // yargs measures the width of its help, emoji included: the tables take 30 ms to load, and our help is ASCII
  ["string-width", "export default (text) => text.length;"],
]);

const replaceModules: Plugin = {
  name: "replace-modules",
  setup(hooks) {
    hooks.onResolve({ filter: /^[\w-]+$/ }, ({ path }) => (stubs.has(path) ? { path, namespace: "stub" } : undefined));
    hooks.onLoad({ filter: /.*/, namespace: "stub" }, ({ path }) => ({ contents: stubs.get(path) ?? "" }));
  },
};

/**
 * Bundles a program and its dependencies into one file, vault-hooks.cjs.
 *
 * @param entry path of the program's TypeScript file
 * @param outdir folder that is emptied first
 */
export async function bundle(entry: string, outdir: string): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const result = await build({
    entryPoints: [entry],
    outfile: join(outdir, "vault-hooks.cjs"),
    bundle: true,
    minify: true,
    // a stack trace prints the line that threw: it must not be the whole program
    lineLimit: 200,
    // the Kubernetes client looks up its classes by name, and logs name the class of an error
    keepNames: true,
    platform: "node",
    target: "node24",
    // an import of node:http from an ES module would load a second undici, through the getter of its WebSocket
    format: "cjs",
    mainFields: ["module", "main"],
    legalComments: "none",
    define: {
      "process.env.NODE_ENV": '"production"',
      // an entry may be a module as well, such as the bench's bare client
      "import.meta.main": "true",
      // yargs looks beside it for translations, and there are none
      "import.meta.url": '"file:///"',
    },
    plugins: [replaceModules],
    metafile: true,
    logLevel: "warning",
  });
  return result.metafile;
}

if (import.meta.main) {
  const [entry = "src/cli.ts", outdir = "dist"] = process.argv.slice(2);
  const { outputs } = await bundle(entry, outdir);
  const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
  process.stdout.write(`${outdir}/vault-hooks.cjs: ${Math.round(bytes / 1024)} KiB\n`);
}
