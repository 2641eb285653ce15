import { deadlineIn } from "../../src/util/deadline.ts";
import { connectVault, type Vault } from "../../src/vault/client.ts";

/** An initialised, unsealed and active Vault with one share. */
export type ReadyVault = { readonly rootToken: string; readonly share: string; readonly vault: Vault };

/**
 * Initialises and unseals a single server, and waits until it is active.
 *
 * @returns its share, its root token, and a client with that token, which the caller closes
 */
export async function makeReady(origin: string, ca?: { ca: string; servername: string }): Promise<ReadyVault> {
  const unauthenticated = connectVault({ name: "vault-0", origin, ...ca }, { deadline: deadlineIn(600_000) });
  const response = await unauthenticated.write("sys/init", { secret_shares: 1, secret_threshold: 1 }, { once: true });
  const { keys_base64: keys, root_token: rootToken } = response as { keys_base64: string[]; root_token: string };
  const share = keys[0] ?? "";
  await unauthenticated.write("sys/unseal", { key: share }, { once: true });
  const vault = unauthenticated.withToken(rootToken);
  // Vault responds with 503 or 500 until it is active; the client retries those.
  await vault.read("sys/mounts");
  return { rootToken, share, vault };
}
