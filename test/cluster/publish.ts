import { commitFolder, repository } from "./git-server.ts";
import { pushToSources } from "./kind/sources.ts";
import { clusterName } from "./paths.ts";

/**
 * Commits the files of a folder and serves the commit to Argo CD.
 *
 * @param dir the folder; the work copy if not given
 * @returns the new commit; the last one if no file differs from it
 */
export async function publish(message: string, dir?: string): Promise<string> {
  const commit = await commitFolder(message, dir);
  if (clusterName === "kind") await pushToSources(repository);
  return commit;
}
