import { cp } from "node:fs/promises";
import { join } from "node:path";
import { projectDir } from "../cluster/paths.ts";
import { tempDir } from "../helpers/temp-dir.ts";

/** Copies apps/ to a place for edits, with the folders of hooks/ that it uses. @returns the copy of apps/ */
export async function copyOfApps(): Promise<string> {
  const dir = await tempDir("apps");
  for (const folder of ["apps", "hooks/base", "hooks/watch/argocd", "hooks/watch/kind"])
    await cp(join(projectDir, folder), join(dir, folder), { recursive: true });
  return join(dir, "apps");
}
