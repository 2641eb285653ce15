import { NotReadyError } from "../errors.ts";
import type { Vault } from "../vault/client.ts";

/**
 * Reads the ID of Vault's cluster.
 *
 * @param vault an unsealed member; a token is not needed
 * @throws NotReadyError if Vault was sealed during the run
 * @see https://developer.hashicorp.com/vault/api-docs/system/seal-status
 */
export async function readClusterId(vault: Vault): Promise<string> {
  const id = (await vault.read("sys/seal-status"))?.["cluster_id"];
  if (typeof id === "string" && id !== "") return id;
  throw new NotReadyError(`read sys/seal-status on ${vault.name}: it has no cluster_id`, {
    todo: "Vault was sealed during this run; unseal it, then run the command again.",
  });
}
