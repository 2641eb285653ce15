import type { Item } from "../kinds/model/kind.ts";
import { type Problem, problem } from "./problem.ts";

/** Fields of Vault's API that take accessors of auth mounts only, also under `raw`. */
const authFields = new Set(["mount_accessor", "auth_method_accessors", "delegated_auth_accessors"]);
const ofSecretsEngine = /\{\{accessor:(?!auth\/)([^{}]+)\}\}/;
/** In templates of policies, certificates and claims: an alias belongs to an auth mount. */
const inTemplate = /\bidentity\.entity\.aliases\.\{\{accessor:(?!auth\/)([^{}]+)\}\}/;

/**
 * Finds accessors of secrets engines where Vault takes those of auth mounts. Vault accepts every accessor there, and then
 * nothing ever matches.
 */
export function findMisplacedAccessors(items: readonly Item[]): Problem[] {
  return items.flatMap(({ at, path, desired }) =>
    [...new Set(misplacedIn(desired, false))].map((name) =>
      problem(at, [path], `{{accessor:${name}}}, a secrets engine`, `an auth mount, as {{accessor:auth/${name}}}`),
    ),
  );
}

/** @param isAuthField whether the value is that of a field in `authFields` */
function misplacedIn(value: unknown, isAuthField: boolean): string[] {
  if (typeof value === "string") {
    const name = (isAuthField ? ofSecretsEngine : inTemplate).exec(value)?.[1];
    return name === undefined ? [] : [name];
  }
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each) => misplacedIn(each, isAuthField));
  return Object.entries(value).flatMap(([key, each]) => misplacedIn(each, authFields.has(key)));
}
