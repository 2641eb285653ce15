import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { ConfigError } from "../errors.ts";
import { type Problem, problem } from "./problem.ts";

/** The contents of the files of a configuration by their names, such as `policies/dev.hcl`. */
export type Files = ReadonlyMap<string, string>;

/** In bytes. No file written by hand comes near this. */
const largestFile = 16 * 1024 * 1024;
const readNames = /\.(ya?ml|hcl)$/;
const todo = "Check the path of the folder. In a hook Job the folder is a mounted ConfigMap.";
/** Names that the user may expect to be read. */
const similarNames = /\.(ya?ml|hcl|json)$/i;

/**
 * Reads the YAML and .hcl files of a folder and the folders in it. Names that begin with a dot are skipped, because Kubernetes
 * keeps the files of a mounted ConfigMap in `..data` and shows them through symbolic links. A ConfigMap has no folders, so `__`
 * in a name stands for `/`.
 *
 * @returns the files, mistakes in single files, and the names of files with a similar ending that are ignored
 * @throws ConfigError if the folder cannot be read
 */
export async function readFolder(
  folder: string,
): Promise<{ files: Files; problems: Problem[]; ignored: readonly string[] }> {
  const found = (await walk(folder, folder)).sort();
  const files = new Map<string, string>();
  const problems: Problem[] = [];
  for (const path of found.filter((each) => readNames.test(each))) {
    const name = relative(folder, path).replaceAll("__", "/");
    const report = (mistake: string, expected: string) =>
      problems.push(problem({ file: name, line: 0, column: 0 }, [], mistake, expected));
    const { size } = await stat(path).catch((cause) => unreadable(folder, cause));
    if (size > largestFile) report(`a file of ${size} bytes`, `at most ${largestFile} bytes; split it into several`);
    else if (files.has(name)) report("two files of this name", "one; `__` in a file name stands for `/`");
    else
      files.set(
        name,
        decode(await read(folder, path), () => report("bytes that are not UTF-8", "text in UTF-8")),
      );
  }
  const ignored = found.filter((path) => !readNames.test(path)).map((path) => relative(folder, path));
  return { files, problems, ignored };
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
    else if (target.isFile() && similarNames.test(entry.name)) paths.push(path);
  }
  return paths;
}

async function list(root: string, folder: string): Promise<Dirent[]> {
  return await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (folder === root && cause.code === "ENOENT")
      throw new ConfigError(`folder ${root} does not exist`, { cause, todo });
    if (folder === root && cause.code === "ENOTDIR") throw new ConfigError(`${root} is not a folder`, { cause, todo });
    return unreadable(root, cause);
  });
}

function unreadable(folder: string, cause: unknown): never {
  throw new ConfigError(`read the configuration in ${folder}: ${(cause as Error).message}`, { cause, todo });
}

function decode(bytes: Buffer, fail: () => void): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    fail();
    return "";
  }
}
