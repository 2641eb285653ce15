/** One call to the API, with the names that errors and RBAC rules use. */
export type ApiCall = {
  readonly verb: "get" | "list" | "create" | "update" | "patch" | "delete";
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

/** The right that RBAC must grant for it: `"get" on secrets "vault-unseal-keys" in namespace vault-custody`. */
export function rightOf({ verb, resource, name, namespace }: ApiCall): string {
  const named = name === undefined || verb === "create" ? resource : `${resource} "${name}"`;
  return `"${verb}" on ${named}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}
