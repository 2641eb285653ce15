import type { Cluster } from "../connect/connection.ts";
import type { RootTokenCustody, StoredRootToken } from "../custody/custody.ts";
import { openCustody } from "../custody/open-custody.ts";
import type { Vault } from "../vault/client.ts";
import { notJson, VaultError } from "../vault/error.ts";
import { requireOwnCustody } from "./own-custody.ts";

/** The root token from init, or one that a person stored so that the login can be created again. */
export type RootToken = {
  readonly stored: StoredRootToken;
  /** The member that was asked, with the token. */
  readonly vault: Vault;
  /** Whether Vault still accepts it. */
  readonly valid: boolean;
  /** Whether the record of init says that custody is this Vault's. A token of another Vault is invalid here, and of use there. */
  readonly own: boolean;
};

/** Where this cluster's root token is kept. */
export function rootTokenCustody({ kube, run }: Cluster): RootTokenCustody {
  return openCustody(kube, run.settings.custodyNamespace);
}

/**
 * Looks for a root token, and asks Vault whether it is valid. It is sent to no Vault but the one that custody belongs to.
 *
 * @param vault the active member, without a token
 * @returns undefined if custody has no root token
 * @throws DeniedError if custody may not be read, or if what it has is empty; RefusedError if custody belongs to another Vault
 */
export async function findRootToken(cluster: Cluster, vault: Vault): Promise<RootToken | undefined> {
  const stored = await rootTokenCustody(cluster).readRootToken();
  if (stored === undefined) return undefined;
  const own = await requireOwnCustody(cluster, vault);
  const root = vault.withToken(stored.token);
  return { stored, vault: root, valid: await isValid(root), own };
}

/** Whether Vault accepts the token. A run that was interrupted after the revocation leaves a revoked token in custody. */
export async function isValid(root: Vault): Promise<boolean> {
  try {
    await root.read("auth/token/lookup-self");
    return true;
  } catch (error) {
    // a proxy's page does not show that the token is revoked
    if (error instanceof VaultError && error.status === 403 && !error.errors.includes(notJson)) return false;
    throw error;
  }
}
