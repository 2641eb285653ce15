import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { publish, workDir } from "../../cluster/cluster.ts";
import type { Api } from "./api.ts";
import { announce } from "./argo.ts";

/** One change to a file of the served repository: `to` replaces `from`. */
export type Edit = { readonly file: string; readonly from: string; readonly to: string };

/**
 * Commits changes to the served repository and announces the commit to Argo CD.
 *
 * @returns the commit
 * @throws Error if a file does not contain the text to replace exactly once
 */
export async function commit(api: Api, message: string, edits: readonly Edit[]): Promise<string> {
  for (const { file, from, to } of edits) {
    const path = join(workDir, file);
    const parts = (await readFile(path, "utf8")).split(from);
    if (parts.length !== 2) throw new Error(`${file}: found "${from}" ${parts.length - 1} times, expected once`);
    await writeFile(path, parts.join(to));
  }
  const made = await publish(message);
  await announce(api);
  return made;
}

/** Returns the edits that undo these. */
export function undo(edits: readonly Edit[]): Edit[] {
  return edits.map(({ file, from, to }) => ({ file, from: to, to: from })).reverse();
}
