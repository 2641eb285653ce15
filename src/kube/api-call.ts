/** One call to the API, with the names that errors and RBAC rules use. */
export type ApiCall = {
  readonly verb: "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";
  readonly kind: string;
  /** As in RBAC rules, with the API group: `statefulsets.apps`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
};

/** For messages: "get Secret vault-unseal-keys in namespace vault-custody". */
export function describe({ verb, kind, name, namespace }: ApiCall): string {
  const named = name === undefined ? kind : `${kind} ${name}`;
  return `${verb} ${named}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}

/** The permission that RBAC must grant for the call: `"get" on secrets "vault-unseal-keys" in namespace vault-custody`. */
export function permissionFor({ verb, resource, name, namespace }: ApiCall): string {
  const named = name === undefined || verb === "create" ? resource : `${resource} "${name}"`;
  return `"${verb}" on ${named}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}
