import { deadlineIn } from "../../src/util/deadline.ts";
import { connectVault, type Vault } from "../../src/vault/client.ts";

/** A Vault that was initialised with one share and is open. */
export type ReadyVault = { readonly rootToken: string; readonly share: string; readonly vault: Vault };

/**
 * Initialises and unseals a single server, and waits until it is active.
 * @returns also a client with the root token; the caller closes it
 */
export async function makeReady(origin: string, ca?: { ca: string; servername: string }): Promise<ReadyVault> {
  const bare = connectVault({ name: "vault-0", origin, ...ca }, { deadline: deadlineIn(600_000) });
  const answer = await bare.write("sys/init", { secret_shares: 1, secret_threshold: 1 }, { once: true });
  const { keys_base64: keys, root_token: rootToken } = answer as { keys_base64: string[]; root_token: string };
  const share = keys[0] ?? "";
  await bare.write("sys/unseal", { key: share }, { once: true });
  const vault = bare.withToken(rootToken);
  // answers 503 or 500 until it is active, which is retried
  await vault.read("sys/mounts");
  return { rootToken, share, vault };
}
