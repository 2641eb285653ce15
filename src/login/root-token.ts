import type { Cluster } from "../connect/connection.ts";
import { rootTokenName } from "../custody/kubernetes-secret.ts";
import { DeniedError } from "../errors.ts";
import { secret } from "../redact.ts";
import type { Vault } from "../vault/client.ts";
import { VaultError } from "../vault/error.ts";

/** The root token that init left for the first `configure`, or a person put there to make the login anew. */
export type RootToken = {
  /** Of its Secret. */
  readonly uid: string;
  /** The member that was asked, with the token. */
  readonly vault: Vault;
  /** Whether Vault still knows it. */
  readonly alive: boolean;
};

/**
 * @param vault the active member, without a token
 * @returns undefined where there is no such Secret
 * @throws DeniedError where the Secret may not be read, or holds no token
 */
export async function findRootToken({ kube, run }: Cluster, vault: Vault): Promise<RootToken | undefined> {
  const { custodyNamespace } = run.settings;
  const found = await kube.secret(custodyNamespace, rootTokenName);
  if (found === undefined) return undefined;
  // whoever writes it with an editor leaves a line break behind it
  const token = secret(found.data["token"]?.trim() ?? "");
  if (token === "") {
    throw new DeniedError(`read Secret ${custodyNamespace}/${rootTokenName}: it has no "token"`, {
      todo: "Put the root token under that key, or delete the Secret if the login of vault-hooks was made already.",
    });
  }
  const root = vault.withToken(token);
  return { uid: found.uid, vault: root, alive: await isAlive(root) };
}

/** Whether Vault still knows it: a run that was cut off after the revocation leaves the Secret of a token that is none. */
export async function isAlive(root: Vault): Promise<boolean> {
  try {
    await root.read("auth/token/lookup-self");
    return true;
  } catch (error) {
    if (error instanceof VaultError && error.status === 403) return false;
    throw error;
  }
}
