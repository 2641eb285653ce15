import type { Cluster } from "../connect/connection.ts";
import { DeniedError } from "../errors.ts";
import type { Item } from "../kinds/model/kind.ts";
import { missingSecrets, readSecrets, resolveSecrets, type SecretsRead } from "../plan-apply/secret-values.ts";

/** @throws NotReadyError, RefusedError or DeniedError, which name every value that cannot be used */
export function itemsWithSecrets(declared: readonly Item[], found: SecretsRead, namespace: string): readonly Item[] {
  const { items, failures } = resolveSecrets(declared, found, namespace);
  const error = missingSecrets(failures);
  if (error !== undefined) throw error;
  return items;
}

/** `plan` need not see passwords, so that it may not read them is no fault. */
const toCompare =
  "If they must be compared, add this account to RoleBinding vault-hooks-secrets (hooks/secrets/role.yaml).";

/**
 * The account of `plan` may read Secrets only if somebody allows it. Fields whose values it may not read are not compared.
 *
 * @returns `failed`: by path, objects with a value that is missing, or that configure would refuse
 */
export async function secretsToPlan(cluster: Cluster, declared: readonly Item[]) {
  const { log, settings } = cluster.run;
  const { items, failures } = resolveSecrets(declared, await readSecrets(cluster, declared), settings.namespace);
  const denied = failures.filter(({ error }) => error instanceof DeniedError);
  for (const [secret, { message }] of new Map(denied.map(({ use, error }) => [use.from.name, error])))
    log.info(
      { secret, error: message, todo: toCompare },
      "does not compare the fields whose values come from this Secret",
    );
  const failed = failures.filter(({ error }) => !(error instanceof DeniedError));
  return { items, failed: failed.map(({ item, error }) => [item.path, { error }] as const) };
}
