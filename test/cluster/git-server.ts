import { existsSync } from "node:fs";
import { cp, glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { address, sourceUrl } from "./addresses.ts";
import { projectDir, stateDir, workDir } from "./paths.ts";
import { ensureProcess } from "./processes.ts";
import { attempt, run } from "./run.ts";

const baseDir = join(stateDir, "git");
export const repository = join(baseDir, "vault-hooks.git");
const branch = "refs/heads/main";
const author = { name: "vault-hooks test", email: "test@vault-hooks.invalid" };

/** Makes the bare repository that holds the served commits. */
export async function ensureRepository(): Promise<void> {
  if (existsSync(repository)) return;
  await mkdir(baseDir, { recursive: true });
  await run("git", ["init", "-q", "--bare", "--initial-branch=main", repository]);
}

/** Serves the repository on the embedded node's address by git's own daemon. */
export async function ensureGitServer(): Promise<void> {
  await ensureRepository();
  // Without --reuseaddr a daemon that was just stopped would keep the port for a minute.
  const args = ["daemon", "--reuseaddr", `--listen=${address.node}`, `--base-path=${baseDir}`, "--export-all", baseDir];
  await ensureProcess({ name: "git", command: "git", args });
}

/**
 * Copies the checkout's apps/ and hooks/ into the work folder, with the sources in root.yaml replaced by the served ones.
 * @param charts whether the charts are served too, and the images made here, because no registry is reached
 */
export async function makeWorkCopy(charts: boolean): Promise<void> {
  await rm(workDir, { recursive: true, force: true });
  for (const dir of ["apps", "hooks"]) await cp(join(projectDir, dir), join(workDir, dir), { recursive: true });
  const root = join(workDir, "apps/root.yaml");
  await writeFile(root, servedSources(await readFile(root, "utf8"), charts));
  if (!charts) return;
  for await (const file of glob("**/*.yaml", { cwd: workDir })) {
    const path = join(workDir, file);
    const text = await readFile(path, "utf8");
    if (text !== withoutDigests(text)) await writeFile(path, withoutDigests(text));
  }
}

/** Removes the digests of images, which differ for images that are made here. Pure. */
export function withoutDigests(text: string): string {
  return text.replaceAll(/@sha256:[0-9a-f]{64}\b/g, "");
}

/**
 * Replaces the repository, and the charts' repositories where those are served. Pure.
 *
 * @param rootYaml apps/root.yaml, the one place that names them
 * @throws Error if a source is left that the cluster could not reach
 */
export function servedSources(rootYaml: string, charts: boolean): string {
  const git = rootYaml.replaceAll(/(?<=: )https:\/\/\S+\.git\b/g, sourceUrl.git);
  if (!charts) return git;
  const served = git.replaceAll(/(?<=: )https:\/\/helm\.\S+/g, sourceUrl.charts);
  const left = /: (https:\/\/(?!kubernetes\.default\.svc)\S+)/.exec(served)?.[1];
  if (left) throw new Error(`apps/root.yaml names a source that is not served here: ${left}`);
  return served;
}

/**
 * Commits the files of a folder to the served repository.
 *
 * @param dir the folder; the work copy if not given
 * @returns the new commit; the last one if no file differs from it
 */
export async function commitFolder(message: string, dir: string = workDir): Promise<string> {
  const env = {
    GIT_DIR: repository,
    GIT_WORK_TREE: dir,
    GIT_INDEX_FILE: join(stateDir, "publish.index"),
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
  };
  const git = async (...args: string[]) => (await run("git", args, { env, cwd: dir })).trim();
  await git("add", "--all", "--force", ".");
  const tree = await git("write-tree");
  const parent = await gitHead();
  if (parent && (await git("rev-parse", `${parent}^{tree}`)) === tree) return parent;
  const commit = await git("commit-tree", tree, ...(parent ? ["-p", parent] : []), "-m", message);
  await git("update-ref", branch, commit);
  return commit;
}

/** @returns the commit that is served, undefined before the first */
export async function gitHead(): Promise<string | undefined> {
  const { code, stdout } = await attempt("git", ["--git-dir", repository, "rev-parse", "--verify", "-q", branch]);
  return code === 0 ? stdout.trim() : undefined;
}
