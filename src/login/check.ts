import type { Cluster } from "../connect/connection.ts";
import { AppError } from "../errors.ts";
import { kubernetesAuth } from "../kinds/auth/kubernetes.ts";
import { reserved } from "../kinds/index.ts";
import { differences } from "../kinds/model/compare.ts";
import { fieldsOf } from "../kinds/model/endpoint.ts";
import { dataOf, type LiveReader } from "../kinds/model/kind.ts";
import type { ObjectSpec } from "../kinds/model/spec.ts";
import type { Values } from "../kinds/model/values.ts";
import { logins } from "./definition.ts";

const configPath = `auth/${reserved.mount}/config`;
const rolesPath = `auth/${reserved.mount}/role`;
const fields = fieldsOf(kubernetesAuth.sections["config"]?.spec as ObjectSpec);

/** The config that the first `configure` writes, apart from kubernetes_host. Vault returns all of it. */
const expected: Values = {
  kubernetes_ca_cert: "",
  pem_keys: [],
  issuer: "",
  disable_iss_validation: true,
  disable_local_ca_jwt: false,
  use_annotations_as_alias_metadata: false,
};
/** Vault reports this in place of token_reviewer_jwt. */
const reviewerFlag = "token_reviewer_jwt_set";

/**
 * Finds the fields of the config that are not as the first `configure` wrote them. Whoever names a different API server, its CA or
 * its keys decides which tokens Vault accepts. Pure.
 *
 * @param hosts the URLs of the Kubernetes API that are right
 * @returns their names; a field that this program does not know counts if it is set
 */
export function configDrift(live: Values, hosts: readonly (string | undefined)[]): string[] {
  const changed = differences(fields, expected, live).map(({ field }) => field);
  const known = new Set([...Object.keys(fields), reviewerFlag]);
  const unknown = Object.entries(live).flatMap(([name, value]) => (known.has(name) || isEmpty(value) ? [] : [name]));
  return [
    ...(hosts.some((host) => isSameHost(host, live["kubernetes_host"])) ? [] : ["kubernetes_host"]),
    ...(live[reviewerFlag] === true ? ["token_reviewer_jwt"] : []),
    ...changed,
    ...unknown,
  ];
}

function isSameHost(host: string | undefined, live: unknown): boolean {
  return host?.replace(/\/$/, "") === String(live).replace(/\/$/, "");
}

function isEmpty(value: unknown): boolean {
  return !value || (typeof value === "object" && Object.keys(value).length === 0);
}

/**
 * Warns of ways to log in as vault-hooks that nobody has declared: a changed config of its mount, and other roles there. Neither
 * is repaired, because a config of a different cluster's API may be right, and a role may be somebody's.
 *
 * @param recordedHost the URL of the Kubernetes API in the ledger
 * @returns the URL in Vault if it is that of this run's settings; otherwise undefined
 */
export async function checkLogin(
  { run }: Cluster,
  reader: LiveReader,
  recordedHost: string | undefined,
): Promise<string | undefined> {
  const ownHost = run.settings.kubernetesHost;
  try {
    const [config, roles] = [await reader.once(configPath), await reader.once(`${rolesPath}?list=true`)];
    const live = dataOf(config, configPath) ?? {};
    const changed = configDrift(live, [ownHost, recordedHost]);
    const found = live["kubernetes_host"];
    if (changed.length > 0) run.log.warn({ path: configPath, changed, found, todo: configTodo }, changedConfig);
    const others = rolesIn(dataOf(roles, rolesPath)).filter((role) => !logins.some((login) => login.role === role));
    if (others.length > 0) run.log.warn({ path: rolesPath, roles: others, todo: rolesTodo }, otherRoles);
    return isSameHost(ownHost, found) ? ownHost : undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    run.log.warn({ path: configPath, error: error.message }, "cannot check the login of vault-hooks for other ways in");
    return undefined;
  }
}

function rolesIn(data: Values | undefined): string[] {
  const keys = data?.["keys"];
  return Array.isArray(keys) ? keys.map(String) : [];
}

const changedConfig =
  "the config of the login of vault-hooks was changed: whoever it names decides who logs in, as strong as root; not repaired";
const configTodo =
  "Find out who changed it. Compare `vault read auth/vault-hooks/config` with docs/adr/0004-rootless-login.md. If the URL of the Kubernetes " +
  "API is right, set VAULT_HOOKS_KUBERNETES_HOST to it.";
const otherRoles = "other roles at the login of vault-hooks, perhaps as strong as root";
const rolesTodo =
  "Find out who made them, and delete those that nobody needs: `vault delete auth/vault-hooks/role/NAME`.";
