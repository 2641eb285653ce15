import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Manifest, only, render } from "../helpers/manifests.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { pathsFrom } from "./own-repository.ts";
import { type Role, rightsOf } from "./rights.ts";

let manifests: Manifest[];

/** The hooks with the folder secrets, in a namespace of another name, with one more Secret and the account of plan. */
beforeAll(async () => {
  const dir = await tempDir("secrets");
  const locate = pathsFrom(dir);
  const kustomization = `resources:
  - ${locate("base")}
  - ${locate("secrets")}
components:
  - ${locate("base/settings")}
configMapGenerator:
  - name: vault-hooks-settings
    namespace: vault
    behavior: merge
    literals: [VAULT_HOOKS_NAMESPACE=elsewhere]
patches:
  - target: { kind: Role, name: vault-hooks-secrets }
    patch: |
      - { op: add, path: /rules/0/resourceNames/-, value: one-more }
  - target: { kind: RoleBinding, name: vault-hooks-secrets }
    patch: |
      - { op: add, path: /subjects/-, value: { kind: ServiceAccount, name: vault-hooks-plan, namespace: vault } }
`;
  await writeFile(join(dir, "kustomization.yaml"), kustomization);
  manifests = await render(dir);
}, 900_000);

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
