import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { publish, workDir } from "../../cluster/cluster.ts";
import type { Api } from "./api.ts";
import { announce } from "./argo.ts";

/** One change to a file of the served repository: the text that goes, and what comes in its place. */
export type Edit = { readonly file: string; readonly from: string; readonly to: string };

/**
 * Commits changes to the served repository and announces the commit to Argo CD.
 *
 * @throws Error if a text to replace is not there exactly once
 * @returns the commit
 */
export async function commit(api: Api, message: string, edits: readonly Edit[]): Promise<string> {
  for (const { file, from, to } of edits) {
    const path = join(workDir, file);
    const parts = (await readFile(path, "utf8")).split(from);
    if (parts.length !== 2) throw new Error(`${file}: "${from}" stands there ${parts.length - 1} times, expected once`);
    await writeFile(path, parts.join(to));
  }
  const made = await publish(message);
  await announce(api);
  return made;
}

/** The edits that undo these. */
export function undo(edits: readonly Edit[]): Edit[] {
  return edits.map(({ file, from, to }) => ({ file, from: to, to: from })).reverse();
}
