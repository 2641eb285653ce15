import { DeniedError, RefusedError } from "../errors.ts";
import type { Kube } from "../kube/kube.ts";
import type { InitRecord } from "./record.ts";

/** The StatefulSet of the Vault that a command works with. */
export type VaultIdentity = { readonly namespace: string; readonly name: string; readonly uid: string };

/** A StatefulSet of the same name and namespace is the same owner, even if recreated. */
export function isOwner(record: InitRecord, { namespace, name, uid }: VaultIdentity): boolean {
  return record.statefulSet === uid || (record.namespace === namespace && record.name === name);
}

/**
 * Finds out whether the record, and with it custody, belongs to the Vault of another StatefulSet that exists. One that may not be
 * read may exist.
 *
 * @returns the other StatefulSet: "vault-b/vault"
 * @throws NotReadyError if Kubernetes does not answer
 */
export async function ownerElsewhere(
  kube: Kube,
  record: InitRecord | undefined,
  vault: VaultIdentity,
): Promise<string | undefined> {
  if (record?.namespace === undefined || record.name === undefined || isOwner(record, vault)) return undefined;
  const where = `${record.namespace}/${record.name}`;
  try {
    const found = await kube.statefulSet(record.namespace, record.name);
    return found?.uid === record.statefulSet ? where : undefined;
  } catch (error) {
    if (error instanceof DeniedError) return where;
    throw error;
  }
}

/** Keys and record belong to another Vault. They say nothing about this one, and no declaration in Git may give them up. */
export function custodyInUse({ namespace, name }: Omit<VaultIdentity, "uid">, owner: string): RefusedError {
  return new RefusedError(
    `custody is in use by another Vault: ConfigMap vault-init-record there belongs to StatefulSet ${owner}, not to ${namespace}/${name}`,
    {
      todo:
        `Each Vault needs a custody namespace of its own: give StatefulSet ${namespace}/${name} a different one with --custody-namespace. ` +
        `Only if StatefulSet ${owner} is gone for good: lift the protection of custody (docs/runbook.md), then delete that ConfigMap.`,
    },
  );
}

/** A member belongs to another cluster than the record. It is unsealed already, and sealing it again needs a token. */
export function otherCluster(pod: string, found: string, expected: string): RefusedError {
  return new RefusedError(`${pod} belongs to cluster ${found}, but the keys were recorded for cluster ${expected}`, {
    todo:
      "No further pod is touched. If this Vault was restored from a snapshot of a different cluster, put that cluster's keys into custody " +
      "and remove clusterId from ConfigMap vault-init-record; else delete the volume of the pod that does not belong to this Vault.",
  });
}
