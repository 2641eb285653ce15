import type { Manifest } from "../helpers/manifests.ts";

type Rule = { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] };
export type Role = Manifest & { rules: Rule[] };

/** Lists the rights of a Role, sorted: "get secrets/vault-unseal-keys", or "list pods" where a rule has no names. */
export function rightsOf(role: Role | undefined): string[] {
  return (role?.rules ?? [])
    .flatMap((rule) =>
      rule.verbs.flatMap((each) =>
        rule.resources.flatMap((resource) =>
          (rule.resourceNames ?? [""]).map((name) => `${each} ${resource}${name && `/${name}`}`),
        ),
      ),
    )
    .sort();
}
