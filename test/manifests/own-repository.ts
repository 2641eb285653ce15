import { cp, mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { projectDir } from "../cluster/paths.ts";
import { run } from "../cluster/run.ts";
import { tempDir } from "../helpers/temp-dir.ts";

/** Turns a folder below hooks/ into an entry of `resources` or `components`. */
export type Locate = (folder: string) => string;

/** A Git repository with a copy of hooks/, which kustomize can clone without a network. */
export type Published = {
  readonly dir: string;
  /** Commits the folder as it is now, under this tag. */
  tag(name: string): Promise<void>;
  /** URLs of its folders at a tag. */
  at(tag: string): Locate;
};

export async function publishHooks(): Promise<Published> {
  const dir = await tempDir("published");
  await cp(join(projectDir, "hooks"), join(dir, "hooks"), { recursive: true });
  const author = ["-c", "user.name=test", "-c", "user.email=test@vault-hooks.invalid"];
  const git = (...args: string[]) => run("git", [...author, ...args], { cwd: dir });
  await git("init", "--quiet");
  return {
    dir,
    async tag(name) {
      await git("add", "--all");
      await git("commit", "--quiet", "--allow-empty", "--message", name);
      await git("tag", name);
    },
    at: (tag) => (folder) => `file://${dir}//hooks/${folder}?ref=${tag}`,
  };
}

/** Paths from a folder to the hooks/ of a checkout. */
export function pathsFrom(dir: string, checkout: string = projectDir): Locate {
  return (folder) => relative(dir, join(checkout, "hooks", folder));
}

/** A repository as its owner writes it by the documentation: a kustomization.yaml without patches, and a configuration. */
export async function writeOwnRepository(dir: string, locate: Locate): Promise<void> {
  await mkdir(join(dir, "config"), { recursive: true });
  await writeFile(join(dir, "config/audit.yaml"), "audit:\n  stdout: { type: file, options: { file_path: stdout } }\n");
  await writeFile(join(dir, "kustomization.yaml"), ownKustomization(locate));
}

function ownKustomization(locate: Locate): string {
  return `resources:
  - ${locate("base")}
  - ${locate("base/custody")}
components:
  - ${locate("base/settings")}
images:
  - name: ghcr.io/vault-hooks/vault-hooks
    newName: registry.example.com/vault-hooks
    newTag: v9
configMapGenerator:
  - name: vault-hooks-settings
    namespace: vault
    behavior: merge
    literals:
      - VAULT_HOOKS_SHARES=7
      - VAULT_HOOKS_THRESHOLD=4
      - VAULT_HOOKS_NAMESPACE=secrets
      - VAULT_HOOKS_CUSTODY_NAMESPACE=secrets-custody
      - VAULT_HOOKS_STATEFULSET=bao
  - name: vault-hooks-config
    namespace: vault
    behavior: merge
    files:
      - config/audit.yaml
  - name: vault-hooks-kustomization
    namespace: vault
    files:
      - kustomization.yaml
    options:
      disableNameSuffixHash: true
`;
}
