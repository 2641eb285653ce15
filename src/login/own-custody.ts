import { readClusterId } from "../connect/cluster-id.ts";
import type { Cluster } from "../connect/connection.ts";
import { custodyInUse, isOwner, otherCluster, ownerElsewhere } from "../custody/owner.ts";
import { readRecord } from "../custody/record.ts";
import type { Vault } from "../vault/client.ts";

/**
 * Refuses a custody namespace that belongs to another Vault: the root token and the ledger in it are that Vault's. Must be called
 * before either of them is used. Sends no token.
 *
 * @param vault the active member
 * @returns whether the record of init says that custody is this Vault's. False if nobody knows: there is no record, or it has no
 *   cluster ID and is of another StatefulSet
 * @throws RefusedError if custody belongs to another Vault; DeniedError if the record may not be read
 */
export async function requireOwnCustody(
  { kube, run, statefulSet: { name, uid } }: Cluster,
  vault: Vault,
): Promise<boolean> {
  const { namespace, custodyNamespace } = run.settings;
  const record = await readRecord(kube, custodyNamespace);
  if (record === undefined) return false;
  const own = { namespace, name, uid };
  const owner = await ownerElsewhere(kube, record, own);
  if (owner !== undefined) throw custodyInUse(own, owner);
  // an old record names neither namespace nor cluster, so it may be that of another Vault
  if (record.clusterId === undefined) return isOwner(record, own);
  const clusterId = await readClusterId(vault);
  if (clusterId !== record.clusterId) throw otherCluster(vault.name, clusterId, record.clusterId);
  return true;
}
