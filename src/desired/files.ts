import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { ConfigError } from "../errors.ts";
import { type Problem, problem } from "./problem.ts";

/** The files of a configuration by their names in it: `policies/dev.hcl`. */
export type Files = ReadonlyMap<string, string>;

/** No file that a person wrote comes near this. */
const largestFile = 16 * 1024 * 1024;
const ours = /\.(ya?ml|hcl)$/;
/** What was perhaps meant to be read. */
const alike = /\.(ya?ml|hcl|json)$/i;

/**
 * Reads a folder and its folders. Names that begin with a dot are left out: Kubernetes keeps a mounted ConfigMap's files in
 * `..data` and shows them by symbolic links. A ConfigMap knows no folders, so `__` in a name stands for `/`.
 *
 * @throws ConfigError where the folder cannot be read
 */
export async function readFolder(
  folder: string,
): Promise<{ files: Files; problems: Problem[]; leftOut: readonly string[] }> {
  const found = await walk(folder, folder);
  const paths = found.filter((path) => ours.test(path));
  const files = new Map<string, string>();
  const problems: Problem[] = [];
  for (const path of paths.sort()) {
    const name = relative(folder, path).replaceAll("__", "/");
    const fail = (found: string, expected: string) =>
      problems.push(problem({ file: name, line: 0, column: 0 }, [], found, expected));
    const { size } = await stat(path).catch((cause) => unreadable(folder, cause));
    if (size > largestFile) fail(`a file of ${size} bytes`, `at most ${largestFile}; split it into several`);
    else if (files.has(name)) fail("two files of this name", "one: `__` in a name means `/`");
    else
      files.set(
        name,
        decode(await read(folder, path), () => fail("bytes that are not UTF-8", "text in UTF-8")),
      );
  }
  const leftOut = found.filter((path) => !ours.test(path)).map((path) => relative(folder, path));
  return { files, problems, leftOut };
}

async function read(root: string, path: string): Promise<Buffer> {
  return await readFile(path).catch((cause) => unreadable(root, cause));
}

async function walk(root: string, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await list(root, folder)) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    const target = entry.isSymbolicLink() ? await stat(path).catch((cause) => unreadable(root, cause)) : entry;
    if (target.isDirectory()) paths.push(...(await walk(root, path)));
    else if (target.isFile() && alike.test(entry.name)) paths.push(path);
  }
  return paths;
}

async function list(root: string, folder: string): Promise<Dirent[]> {
  return await readdir(folder, { withFileTypes: true }).catch((cause) => unreadable(root, cause));
}

function unreadable(folder: string, cause: unknown): never {
  throw new ConfigError(`read the configuration in ${folder}: ${(cause as Error).message}`, {
    cause,
    todo: "--config names the folder of the desired state; in a hook it is a mounted ConfigMap.",
  });
}

function decode(bytes: Buffer, fail: () => void): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    fail();
    return "";
  }
}
