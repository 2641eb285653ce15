import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Script } from "node:vm";
import { ExitCode } from "./errors.ts";
import { cacheFile, runProgram } from "./program.ts";

/**
 * `node make-cache.cjs FOLDER`, when the image is built: runs `configure` with that configuration as far as a cluster that nobody
 * has, and keeps V8's code of all that was called until then. No further, since what is set for undici's HTTP parser
 * (esbuild.config.ts) would have V8 refuse the code. It ends with 0 only where that run ended as one that no cluster answered does.
 */
const folder = mkdtempSync(join(tmpdir(), "vault-hooks-"));
const kubeconfig = join(folder, "kubeconfig");
const named = (what: object) => [{ name: "nobody", ...what }];
writeFileSync(
  kubeconfig,
  JSON.stringify({
    clusters: named({ cluster: { server: "https://127.0.0.1:65535" } }),
    users: named({ user: { token: "nobody" } }),
    contexts: named({ context: { cluster: "nobody", user: "nobody" } }),
    "current-context": "nobody",
  }),
);
const given = [`--config=${process.argv[2]}`, `--kubeconfig=${kubeconfig}`, "--timeout=5s"];
process.argv.splice(2, process.argv.length, "configure", ...given);
let script: Script | undefined;
process.on("exit", (code) => {
  rmSync(folder, { recursive: true });
  if (code !== ExitCode.notReady || script === undefined) {
    process.exitCode = code || ExitCode.bug;
    return;
  }
  writeFileSync(cacheFile, script.createCachedData());
  process.exitCode = ExitCode.done;
  process.stderr.write(`${cacheFile} is made; that no cluster answered was meant\n`);
});
script = runProgram();
