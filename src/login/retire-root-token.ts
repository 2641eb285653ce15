import type { Cluster } from "../connect/connection.ts";
import { underLease } from "../connect/lease.ts";
import { DeniedError } from "../errors.ts";
import type { Item } from "../kinds/model/kind.ts";
import { apply } from "../plan-apply/apply.ts";
import { cachedReader, observe } from "../plan-apply/observe.ts";
import { plan } from "../plan-apply/plan.ts";
import { failuresOf, troublesOf } from "../plan-apply/troubles.ts";
import { logWarnings } from "../plan-apply/warnings.ts";
import { keepTrying } from "../util/keep-trying.ts";
import type { Vault } from "../vault/client.ts";
import { loginDefinition, logins, writerLogin } from "./definition.ts";
import { withLogin } from "./login.ts";
import { findRootToken, isValid, rootTokenCustody } from "./root-token.ts";

/**
 * The first step of the first `configure`. With the root token from init it creates the login of vault-hooks and checks
 * that this login has all capabilities that the configuration needs. Only then it revokes the root token and deletes it.
 * Without a root token it does nothing. After a crash at any point, the next run converges.
 *
 * @param vault the active member, without a token
 * @param items the objects that the login must be able to read and write
 */
export async function retireRootToken(cluster: Cluster, vault: Vault, items: readonly Item[]): Promise<void> {
  if ((await findRootToken(cluster, vault)) === undefined) return;
  // one run must not revoke the token while another works with it
  await underLease(cluster, (lost) => retire(cluster, vault, items, lost));
}

async function retire(cluster: Cluster, vault: Vault, items: readonly Item[], lost: AbortSignal): Promise<void> {
  const { log, deadline } = cluster.run;
  const root = await findRootToken(cluster, vault);
  if (root === undefined) return;
  if (root.valid) await createLogin(cluster, root.vault);
  await withLogin(cluster, vault, writerLogin, (login) => checkCapabilities(login, items));
  if (!root.valid && !root.own) return keepUnknown(cluster);
  // a run that was frozen may have lost the Lease, and another run may be working with the token
  const again = await findRootToken(cluster, vault);
  if (again?.stored.id !== root.stored.id || lost.aborted) return;
  if (root.valid) {
    await keepTrying("Vault to revoke the root token", deadline, log, () => revoke(root.vault));
    log.info({}, "revoked the root token");
  }
  const custody = rootTokenCustody(cluster);
  await custody.deleteRootToken(root.stored);
  log.info({ where: custody.rootTokenWhere }, "deleted the root token from custody");
}

/** Without a record of init, the token may be that of another Vault with the same custody, which then nobody has any more. */
function keepUnknown(cluster: Cluster): void {
  const { rootTokenWhere } = rootTokenCustody(cluster);
  cluster.run.log.warn(
    {
      where: rootTokenWhere,
      todo: `If no other Vault has its root token there, delete ${rootTokenWhere}. Each Vault needs a custody namespace of its own.`,
    },
    "custody has a root token that this Vault does not know, and no record says whose it is; it is kept",
  );
}

/** Sent once: after a lost response the token may be revoked, and a second request would be denied. */
async function revoke(root: Vault): Promise<void> {
  try {
    await root.write("auth/token/revoke-self", {}, { once: true });
  } catch (error) {
    if (await isValid(root)) throw error;
  }
}

async function createLogin({ kube, run }: Cluster, root: Vault): Promise<void> {
  const { namespace, kubernetesHost, concurrency } = run.settings;
  // in the cluster hooks/ declares it, and this program may not create ServiceAccounts
  if (!kube.inCluster)
    for (const { serviceAccount } of logins) await kube.ensureServiceAccount(namespace, serviceAccount);
  const items = loginDefinition(namespace, kubernetesHost);
  const planned = plan(items, await observe(cachedReader(root), items, concurrency));
  const [notPlanned] = troublesOf(planned);
  if (notPlanned !== undefined) throw notPlanned.error;
  const applied = await apply(root, planned, { log: run.log, concurrency, exclusively: (act) => act() });
  logWarnings(run.log, [...planned.warnings, ...applied.warnings]);
  const [failed] = failuresOf(applied);
  if (failed !== undefined) throw failed.error;
}

/** Vault answers for this many paths in a few milliseconds. */
const pathsPerRequest = 500;

/** @see https://developer.hashicorp.com/vault/api-docs/system/capabilities-self */
async function checkCapabilities(login: Vault, items: readonly Item[]): Promise<void> {
  const needs = new Map(items.flatMap((item) => item.kind.requiredPaths(item).map((need) => [need.path, need])));
  const paths = [...needs.keys()];
  for (let start = 0; start < paths.length; start += pathsPerRequest) {
    const requested = paths.slice(start, start + pathsPerRequest);
    const answer = await login.write("sys/capabilities-self", { paths: requested });
    const granted = (answer?.["data"] ?? answer ?? {}) as Record<string, unknown>;
    const missing = requested.filter((path) => !suffices(granted[path], needs.get(path)?.sudo === true));
    if (missing.length > 0) throw lacksCapabilities(missing);
  }
}

function suffices(capabilities: unknown, sudo: boolean): boolean {
  if (!Array.isArray(capabilities)) return false;
  const needed = ["create", "read", "update", ...(sudo ? ["sudo"] : [])];
  return capabilities.includes("root") || needed.every((each) => capabilities.includes(each));
}

function lacksCapabilities(paths: readonly string[]): DeniedError {
  const shown = paths.slice(0, 5).join(", ");
  return new DeniedError(`the login of vault-hooks lacks capabilities that the configuration needs on ${shown}`, {
    todo: "The root token was kept. Check the policy vault-hooks, and whether another policy denies these paths.",
  });
}
