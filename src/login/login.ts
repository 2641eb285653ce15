import { readFile } from "node:fs/promises";
import { type Cluster, withMembers } from "../connect/connection.ts";
import { AppError, ConfigError, DeniedError, NotFoundError, NotReadyError } from "../errors.ts";
import { secret } from "../redact.ts";
import { deadlineIn, left, until } from "../util/deadline.ts";
import type { Vault } from "../vault/client.ts";
import { notJson, VaultError } from "../vault/error.ts";
import { type Login, loginAudience, loginPath, readerLogin } from "./definition.ts";
import { explainDenied, noReaderAccount } from "./explain-denied.ts";
import { findRootToken } from "./root-token.ts";

/** Lifetime of the ServiceAccount's token, which is needed for the login only. */
const jwtSeconds = 600;

/**
 * How long a denied login is retried. Vault's Kubernetes auth method also answers 403 if the API server did not respond
 * in time, or does not know a role binding yet that was just created.
 */
const retryMs = 15_000;

/**
 * Logs in without a root token, runs `act`, and revokes the token, even if `act` failed or a signal stopped the run.
 *
 * @param vault the active member, without a token
 * @param login what the token may do: write, or only read
 * @param options `retry: false` accepts the first denial
 * @throws RefusedError if Vault has no such login and custody has no root token to create it, or if Kubernetes has no ServiceAccount
 *   for the reader; DeniedError if Vault does not accept the ServiceAccount; what `act` throws
 * @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#login
 */
export async function withLogin<T>(
  cluster: Cluster,
  vault: Vault,
  login: Login,
  act: (vault: Vault) => Promise<T>,
  { retry = true }: { readonly retry?: boolean } = {},
): Promise<T> {
  const token = await logIn(cluster, vault, login, retry ? retryMs : 0);
  try {
    return await act(vault.withToken(token));
  } finally {
    await revoke(cluster, vault, token);
  }
}

/**
 * Runs `act` with a token that it only reads with. Before the first `configure` the login does not exist: then this is the
 * root token from init, and it is kept. A run that may not read the root token logs in.
 *
 * @param act `usesHookLogin` is false if the token is the root token
 */
export async function withReader<T>(
  cluster: Cluster,
  vault: Vault,
  act: (vault: Vault, usesHookLogin: boolean) => Promise<T>,
): Promise<T> {
  const root = await findRootToken(cluster, vault).catch((error: unknown) => {
    if (error instanceof DeniedError) return undefined;
    throw error;
  });
  if (root?.valid !== true) return await withLogin(cluster, vault, readerLogin, (reader) => act(reader, true));
  cluster.run.log.info({}, "reading with the root token from init; the first configure replaces it with a login");
  return await act(root.vault, false);
}

/** Vault answers 500 to a login at a mount whose config nobody has written. */
const notConfigured = /could not load backend configuration/;

/** @param ms how long to retry, in milliseconds */
async function logIn(cluster: Cluster, vault: Vault, login: Login, ms: number): Promise<string> {
  const { role, serviceAccount } = login;
  const jwt = await serviceAccountToken(cluster, serviceAccount).catch((error: unknown) => {
    throw error instanceof NotFoundError && role === readerLogin.role ? noReaderAccount(cluster, error) : error;
  });
  try {
    const answer = await retryDenied(cluster, ms, () => vault.write(loginPath, { role, jwt }));
    const token = (answer?.["auth"] as { client_token?: unknown } | undefined)?.client_token;
    if (typeof token === "string") return secret(token);
  } catch (error) {
    throw error instanceof VaultError && isDenial(error) ? await explainDenied(cluster, vault, login, error) : error;
  }
  throw new NotReadyError(`log in at ${loginPath} on ${vault.name}: the response has no token`);
}

/** Retries a login that Vault denied without a reason. A denial with a reason is final. */
async function retryDenied<T>({ run }: Cluster, ms: number, act: () => Promise<T>): Promise<T> {
  const deadline = deadlineIn(Math.min(ms, left(run.deadline)), run.deadline.signal);
  let denial: VaultError | undefined;
  async function attempt(): Promise<{ readonly answer: T } | undefined> {
    try {
      return { answer: await act() };
    } catch (error) {
      if (!(error instanceof VaultError) || !hasNoReason(error) || left(deadline) === 0) throw error;
      if (denial === undefined) run.log.info({ error: error.message }, "Vault denied the login, retrying");
      denial = error;
      return undefined;
    }
  }
  try {
    return (await until("Vault to accept the login", deadline, attempt)).answer;
  } catch (error) {
    throw error instanceof NotReadyError && !run.deadline.signal.aborted ? (denial ?? error) : error;
  }
}

/** Whether Vault itself refused the login. Any other error says nothing about the login: a 307, a proxy's page. */
function isDenial({ status, errors }: VaultError): boolean {
  if (errors.some((message) => notConfigured.test(message))) return true;
  return [400, 403, 404].includes(status) && !errors.includes(notJson);
}

function hasNoReason({ status, errors }: VaultError): boolean {
  return status === 403 && errors.every((message) => message.trim() === "permission denied");
}

/** In a pod the projected token; elsewhere a token from TokenRequest, with the permissions of the kubeconfig's user. */
async function serviceAccountToken({ kube, run }: Cluster, serviceAccount: string): Promise<string> {
  const { tokenFile, namespace } = run.settings;
  if (tokenFile === undefined) {
    return await kube.token(namespace, serviceAccount, loginAudience, jwtSeconds);
  }
  try {
    return secret((await readFile(tokenFile, "utf8")).trim());
  } catch (cause) {
    throw new ConfigError(`--token-file: cannot read ${tokenFile}: ${(cause as Error).message}`, { cause });
  }
}

/** Opens its own connections, since those of the run end with its deadline. */
async function revoke(cluster: Cluster, vault: Vault, token: string): Promise<void> {
  const run = { ...cluster.run, deadline: deadlineIn(5_000) };
  try {
    await withMembers({ ...cluster, run }, async ({ members }) => {
      await (await members.connect(vault.name)).withToken(token).write("auth/token/revoke-self", {});
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    run.log.warn({ error: error.message }, "could not revoke this run's token; the token expires within 30 minutes");
  }
}
