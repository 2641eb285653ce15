import { readFile } from "node:fs/promises";
import type { Cluster } from "../connect/connection.ts";
import { openMembers } from "../connect/members.ts";
import { rootTokenName } from "../custody/kubernetes-secret.ts";
import { AppError, ConfigError, DeniedError, NotReadyError, RefusedError } from "../errors.ts";
import { reserved } from "../kinds/index.ts";
import { secret } from "../redact.ts";
import { deadlineIn, left, until } from "../util/deadline.ts";
import type { Vault } from "../vault/client.ts";
import { isTransient, VaultError } from "../vault/error.ts";
import { loginAudience, loginPath, loginServiceAccount } from "./definition.ts";
import { findRootToken } from "./root-token.ts";

/** Long enough for one run; Vault gives a token of its own for it. */
const jwtSeconds = 600;

/**
 * How long a login that Vault refuses is tried again, in milliseconds: its Kubernetes auth method answers 403 also where the
 * API server did not answer it in time, or has not yet heard of a right that was just given.
 */
const patienceMs = 15_000;

/**
 * Logs in without a root token, runs `act`, and revokes the token, also when `act` failed or the run was told to stop.
 *
 * @param vault the active member, without a token
 * @param options `patient: false` takes the first refusal for the last
 * @throws RefusedError where Vault has no such login (and no root token is left that could make it), DeniedError where
 *   it refuses the ServiceAccount; what `act` throws
 * @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#login
 */
export async function withLogin<T>(
  cluster: Cluster,
  vault: Vault,
  act: (vault: Vault) => Promise<T>,
  { patient = true }: { readonly patient?: boolean } = {},
): Promise<T> {
  const token = await logIn(cluster, vault, patient ? patienceMs : 0);
  try {
    return await act(vault.withToken(token));
  } finally {
    await revoke(cluster, vault, token);
  }
}

/**
 * As withLogin, for what only reads. Before the first `configure` there is no such login yet: then the root token that
 * init left is used, and stays. Who may not read that token logs in.
 *
 * @param act is told whether it reads by that login
 */
export async function withReader<T>(
  cluster: Cluster,
  vault: Vault,
  act: (vault: Vault, isLogin: boolean) => Promise<T>,
): Promise<T> {
  const root = await findRootToken(cluster, vault).catch((error: unknown) => {
    if (error instanceof DeniedError) return undefined;
    throw error;
  });
  if (root?.alive !== true) return await withLogin(cluster, vault, (login) => act(login, true));
  cluster.run.log.info({}, "reading with the root token that init left; the first configure replaces it by a login");
  return await act(root.vault, false);
}

async function logIn(cluster: Cluster, vault: Vault, ms: number): Promise<string> {
  const jwt = await serviceAccountToken(cluster);
  try {
    const answer = await insistently(cluster, ms, () => vault.write(loginPath, { role: reserved.role, jwt }));
    const token = (answer?.["auth"] as { client_token?: unknown } | undefined)?.client_token;
    if (typeof token === "string") return secret(token);
  } catch (error) {
    throw error instanceof VaultError && !isTransient(error.status) ? await explain(cluster, vault, error) : error;
  }
  throw new NotReadyError(`log in at ${loginPath} on ${vault.name}: the answer has no token`);
}

/** Tries a login again while Vault refuses it without a reason; a refusal with one is its last word. */
async function insistently<T>({ run }: Cluster, ms: number, act: () => Promise<T>): Promise<T> {
  const patience = deadlineIn(Math.min(ms, left(run.deadline)), run.deadline.signal);
  let refusal: VaultError | undefined;
  async function attempt(): Promise<{ readonly answer: T } | undefined> {
    try {
      return { answer: await act() };
    } catch (error) {
      if (!(error instanceof VaultError) || !isUnexplained(error) || left(patience) === 0) throw error;
      if (refusal === undefined) run.log.info({ error: error.message }, "the login was refused, trying again");
      refusal = error;
      return undefined;
    }
  }
  try {
    return (await until("Vault to take the login", patience, attempt)).answer;
  } catch (error) {
    throw error instanceof NotReadyError && !run.deadline.signal.aborted ? (refusal ?? error) : error;
  }
}

function isUnexplained({ status, errors }: VaultError): boolean {
  return status === 403 && errors.every((said) => said.trim() === "permission denied");
}

/** In a pod the projected token; elsewhere one by TokenRequest, with the rights of the kubeconfig. */
async function serviceAccountToken({ kube, run }: Cluster): Promise<string> {
  const { tokenFile, namespace } = run.settings;
  if (tokenFile === undefined) {
    return await kube.token(namespace, loginServiceAccount, loginAudience, jwtSeconds);
  }
  try {
    return secret((await readFile(tokenFile, "utf8")).trim());
  } catch (cause) {
    throw new ConfigError(`--token-file: cannot read ${tokenFile}: ${(cause as Error).message}`, { cause });
  }
}

/** A refused login: is there none in this Vault, or does it not take this ServiceAccount? */
async function explain(cluster: Cluster, vault: Vault, error: VaultError): Promise<AppError> {
  const { namespace, custodyNamespace } = cluster.run.settings;
  const said = error.errors.join("; ");
  const about = `log in to Vault as ServiceAccount ${namespace}/${loginServiceAccount}: ${said || `status ${error.status}`}`;
  const secretName = `Secret ${custodyNamespace}/${rootTokenName}`;
  const dead = await holdsDeadToken(cluster, vault);
  if (error.status === 403 && !/no handler|unsupported path/.test(said)) {
    return new DeniedError(about, {
      cause: error,
      todo:
        `Vault could not review the token or does not take it. Its own ServiceAccount needs the ClusterRole system:auth-delegator (server.authDelegator ` +
        `in the chart). If the mount auth/${reserved.mount} was removed or changed by hand, ${dead ? `delete ${secretName}, whose token is none that it knows, ` : ""}` +
        `make a root token from the unseal keys (${await generateRoot(vault)}), put it into ${secretName} under "token", and run configure again.`,
    });
  }
  const lacks = dead ? `the token in ${secretName} is none that it knows` : "there is no root token to make it";
  return new RefusedError(`${about}: this Vault has no login for vault-hooks, and ${lacks}`, {
    cause: error,
    todo:
      `${dead ? "Delete that Secret. " : ""}Make a root token from the unseal keys (${await generateRoot(vault)}), put it into ${secretName} ` +
      `under "token", and run configure again: it makes the login, then revokes that token.`,
  });
}

/** A person may have put there what generate-root gave, before it was decoded. Who may not look is told as if there were none. */
async function holdsDeadToken(cluster: Cluster, vault: Vault): Promise<boolean> {
  const root = await findRootToken(cluster, vault).catch((error: unknown) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
  return root?.alive === false;
}

/** Asked of the server at hand and not told by its version: it depends on the configuration too. */
async function generateRoot(vault: Vault): Promise<string> {
  try {
    await vault.read("sys/generate-root/attempt", { once: true });
    return "`vault operator generate-root`, which this server allows";
  } catch {
    return "this server refuses generate-root without a token: first set enable_unauthenticated_access in its configuration; see docs/runbook.md";
  }
}

/** With connections of its own, since those of the run end with its deadline. */
async function revoke({ run, kube, statefulSet }: Cluster, vault: Vault, token: string): Promise<void> {
  const members = openMembers({ ...run, deadline: deadlineIn(5_000) }, kube, statefulSet);
  try {
    await (await members.connect(vault.name)).withToken(token).write("auth/token/revoke-self", {});
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    run.log.warn({ error: error.message }, "could not revoke this run's token; it ends by itself within 30 minutes");
  } finally {
    await members.close();
  }
}
