import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { debuglog } from "node:util";
import { Script } from "node:vm";

/** Where V8's code of the program lies, beside the program itself (esbuild.config.ts). */
export const cacheFile = join(import.meta.dirname, "program.cache");

const debug = debuglog("vault-hooks");

/**
 * Runs the bundled program from V8's code of it, which spares a run most of what it takes to compile the functions that it calls.
 * V8 refuses the code that another version of it made, or one with other flags that matter to it, and then the program is only slower:
 * `NODE_DEBUG=vault-hooks` tells. Of the program itself it compares only the length: the two files are trusted alike.
 */
export function runProgram(): Script {
  const filename = join(import.meta.dirname, "program.cjs");
  // esbuild writes ASCII, of which V8 keeps one byte a character
  const source = `(function (require, module, exports, __filename, __dirname) {${readFileSync(filename, "latin1")}\n})`;
  const cachedData = readCache();
  const script = new Script(source, {
    filename,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  debug(`code cache: ${cachedData === undefined ? "none" : script.cachedDataRejected ? "rejected" : "accepted"}`);
  const module = { exports: {} };
  script.runInThisContext()(createRequire(filename), module, module.exports, filename, import.meta.dirname);
  return script;
}

function readCache(): Buffer | undefined {
  try {
    return readFileSync(cacheFile);
  } catch {
    return undefined; // it is never needed
  }
}
