import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { type Manifest, only, render } from "../helpers/manifests.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { pathsFrom } from "./own-repository.ts";
import { type Role, rightsOf } from "./rights.ts";

let manifests: Manifest[];

/** The hooks with a copy of the folder secrets, in a namespace of another name, with one more Secret and the account of plan. */
beforeAll(async () => {
  const dir = await tempDir("secrets");
  const locate = pathsFrom(dir);
  const role = await readFile(join(projectDir, "hooks/secrets/role.yaml"), "utf8");
  const own = role.replace("- people-oidc", "- people-oidc\n      - one-more").replace(plansAccount, uncommented);
  await writeFile(join(dir, "role.yaml"), own);
  const kustomization = `resources:
  - ${locate("base")}
  - role.yaml
components:
  - ${locate("base/settings")}
configMapGenerator:
  - name: vault-hooks-settings
    namespace: vault
    behavior: merge
    literals: [VAULT_HOOKS_NAMESPACE=elsewhere]
`;
  await writeFile(join(dir, "kustomization.yaml"), kustomization);
  manifests = await render(dir);
}, 900_000);

/** The lines in role.yaml that give the right to the account of plan too. */
const plansAccount = / {2}# - kind: ServiceAccount\n {2}# {3}name: vault-hooks-plan\n {2}# {3}namespace: vault\n/;

function uncommented(lines: string): string {
  return lines.replaceAll("# ", "");
}

describe("the folder secrets", () => {
  test("allows configure to get the named Secrets in Vault's namespace, and nothing else", () => {
    const role = only(manifests, "Role", "vault-hooks-secrets") as Role;

    expect(rightsOf(role)).toEqual(["get secrets/one-more", "get secrets/people-oidc", "get secrets/shop-database"]);
    expect(role.metadata.namespace).toBe("elsewhere");
  });

  test("gives the right to the accounts of Vault's namespace", () => {
    const binding = only(manifests, "RoleBinding", "vault-hooks-secrets");

    expect(binding).toMatchObject({
      metadata: { namespace: "elsewhere" },
      roleRef: { kind: "Role", name: "vault-hooks-secrets" },
      subjects: [
        { kind: "ServiceAccount", name: "vault-hooks-configure", namespace: "elsewhere" },
        { kind: "ServiceAccount", name: "vault-hooks-plan", namespace: "elsewhere" },
      ],
    });
  });

  test("never has an empty list, which is every Secret to Kubernetes", async () => {
    const role = only(await render("hooks/secrets"), "Role", "vault-hooks-secrets") as Role;

    expect(role.rules.map(({ resourceNames = [] }) => resourceNames.length)).toEqual([2]);
  });

  test("is not part of the sample, which names no Secret", async () => {
    const hooks = await render("hooks");

    expect(hooks.filter(({ metadata }) => metadata.name === "vault-hooks-secrets")).toEqual([]);
  });
});
