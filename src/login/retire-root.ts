import type { Cluster } from "../connect/connection.ts";
import { underLease } from "../connect/lease.ts";
import { rootTokenName } from "../custody/kubernetes-secret.ts";
import { DeniedError } from "../errors.ts";
import type { Item } from "../kinds/model/kind.ts";
import { apply } from "../plan-apply/apply.ts";
import { observe, viewOf } from "../plan-apply/observe.ts";
import { plan } from "../plan-apply/plan.ts";
import { failuresOf, troubleOf } from "../plan-apply/troubles.ts";
import { keepTrying } from "../util/keep-trying.ts";
import type { Vault } from "../vault/client.ts";
import { loginDefinition, loginServiceAccount } from "./definition.ts";
import { withLogin } from "./login.ts";
import { findRootToken, isAlive } from "./root-token.ts";

/**
 * The first act of the first `configure`: with the root token that init left, makes the login of vault-hooks itself, sees
 * that it may do all that the configuration will need, and only then revokes the root token and deletes its Secret.
 * Where there is no root token, nothing is done. A crash anywhere, then another run, converges.
 *
 * @param vault the active member, without a token
 * @param items what the login must be able to read and write
 */
export async function retireRoot(cluster: Cluster, vault: Vault, items: readonly Item[]): Promise<void> {
  if ((await findRootToken(cluster, vault)) === undefined) return;
  // one run must not revoke the token that another still works with
  await underLease(cluster, () => retire(cluster, vault, items));
}

async function retire(cluster: Cluster, vault: Vault, items: readonly Item[]): Promise<void> {
  const { kube, run } = cluster;
  const root = await findRootToken(cluster, vault);
  if (root === undefined) return;
  if (root.alive) await makeLogin(cluster, root.vault);
  await withLogin(cluster, vault, (login) => seeThatItMay(login, items));
  if (root.alive) {
    await keepTrying("Vault to revoke the root token", run.deadline, run.log, () => revoke(root.vault));
    run.log.info({}, "revoked the root token");
  }
  const { custodyNamespace } = run.settings;
  await kube.deleteSecret(custodyNamespace, rootTokenName, root.uid);
  run.log.info({ secret: `${custodyNamespace}/${rootTokenName}` }, "deleted the root token's Secret");
}

/** Sent once: where the answer was lost the token may be gone, and a second request would be refused for that. */
async function revoke(root: Vault): Promise<void> {
  try {
    await root.write("auth/token/revoke-self", {}, { once: true });
  } catch (error) {
    if (await isAlive(root)) throw error;
  }
}

async function makeLogin({ kube, run }: Cluster, root: Vault): Promise<void> {
  const { namespace, kubernetesHost, concurrency } = run.settings;
  // in the cluster it stands in hooks/, and this program may not make ServiceAccounts
  if (!kube.inCluster) await kube.ensureServiceAccount(namespace, loginServiceAccount);
  const items = loginDefinition(namespace, kubernetesHost);
  const wanted = plan(items, await observe(viewOf(root), items, concurrency));
  const [planned] = troubleOf(wanted);
  if (planned !== undefined) throw planned.error;
  const applied = await apply(root, wanted, { log: run.log, concurrency, exclusively: (act) => act() });
  const [failed] = failuresOf(applied);
  if (failed !== undefined) throw failed.error;
}

/** Vault answers for this many paths at once in a few milliseconds. */
const pathsAtOnce = 500;

/** @see https://developer.hashicorp.com/vault/api-docs/system/capabilities-self */
async function seeThatItMay(login: Vault, items: readonly Item[]): Promise<void> {
  const needs = new Map(
    items.flatMap(({ kind, ...item }) => kind.requiredPaths({ kind, ...item }).map((n) => [n.path, n])),
  );
  const paths = [...needs.keys()];
  for (let at = 0; at < paths.length; at += pathsAtOnce) {
    const asked = paths.slice(at, at + pathsAtOnce);
    const answer = await login.write("sys/capabilities-self", { paths: asked });
    const granted = (answer?.["data"] ?? answer ?? {}) as Record<string, unknown>;
    const lacking = asked.filter((path) => !suffices(granted[path], needs.get(path)?.sudo === true));
    if (lacking.length > 0) throw mayNot(lacking);
  }
}

function suffices(capabilities: unknown, sudo: boolean): boolean {
  if (!Array.isArray(capabilities)) return false;
  const needed = ["create", "read", "update", ...(sudo ? ["sudo"] : [])];
  return capabilities.includes("root") || needed.every((each) => capabilities.includes(each));
}

function mayNot(paths: readonly string[]): DeniedError {
  const shown = paths.slice(0, 5).join(", ");
  return new DeniedError(`the login of vault-hooks may not do what the configuration needs on ${shown}`, {
    todo: "The root token was kept. Look at the policy vault-hooks, and whether another policy denies these paths.",
  });
}
