import type { Cluster } from "../connect/connection.ts";
import { AppError, DeniedError, RefusedError } from "../errors.ts";
import { reserved } from "../kinds/index.ts";
import type { Vault } from "../vault/client.ts";
import { VaultError } from "../vault/error.ts";
import { type Login, loginAudience, readerLogin } from "./definition.ts";
import { findRootToken, rootTokenCustody } from "./root-token.ts";

/**
 * Explains a login that Vault denied.
 *
 * @param login that was tried
 * @returns DeniedError if Vault does not accept the ServiceAccount, RefusedError if it has no login for vault-hooks
 */
export async function explainDenied(
  cluster: Cluster,
  vault: Vault,
  login: Login,
  error: VaultError,
): Promise<AppError> {
  const reason = error.errors.join("; ");
  const shown = reason === "" ? `status ${error.status}` : error.reason;
  const message = `log in to Vault ${tokenOf(cluster, login)}: ${shown}`;
  if (login.role === readerLogin.role) {
    return isOfAccount(error) ? deniedReader(cluster, message, error) : noReaderRole(message, error);
  }
  const { rootTokenWhere: where, rootTokenEntry: entry } = rootTokenCustody(cluster);
  const invalid = await hasInvalidRootToken(cluster, vault);
  const howTo = `a root token from the unseal keys (${await generateRootHint(vault)}), store it in ${entry}, and run configure again`;
  if (isOfAccount(error)) {
    const deleteFirst = invalid ? `delete ${where}, whose token this Vault does not know, ` : "";
    return new DeniedError(message, {
      cause: error,
      todo: `${notAccepted} If the mount auth/${reserved.mount} was removed or changed by hand, ${deleteFirst}make ${howTo}.`,
    });
  }
  const missing = invalid ? `this Vault does not know the token in ${where}` : "custody has no root token to create it";
  return new RefusedError(`${message}: this Vault has no login for vault-hooks, and ${missing}`, {
    cause: error,
    todo:
      `${invalid ? `Delete ${where}. ` : ""}Make ${howTo}: it creates the login, ` +
      "then revokes and deletes that token.",
  });
}

/** Whether Vault denied the ServiceAccount. Otherwise it has no such mount or role. */
function isOfAccount({ status, errors }: VaultError): boolean {
  return status === 403 && !/no handler|unsupported path/.test(errors.join("; "));
}

const notAccepted =
  "Vault could not review the ServiceAccount's token, or does not accept it. Vault's own ServiceAccount needs the ClusterRole " +
  "system:auth-delegator (server.authDelegator in the chart).";

/** A token from a file may be of any ServiceAccount. */
function tokenOf({ run }: Cluster, { serviceAccount }: Login): string {
  const account = `ServiceAccount ${run.settings.namespace}/${serviceAccount}`;
  if (run.settings.tokenFile === undefined) return `as ${account}`;
  return `with the token of --token-file, which must be of ${account}`;
}

/** A root token is never the advice for a reader: `configure` repairs the login, or says what it lacks to do so. */
function deniedReader({ run }: Cluster, message: string, cause: VaultError): DeniedError {
  const { namespace, tokenFile } = run.settings;
  const create = `kubectl -n ${namespace} create token ${readerLogin.serviceAccount} --audience=${loginAudience}`;
  const hint = tokenFile === undefined ? "" : `Make the token for --token-file with \`${create}\`. `;
  const repair = `If the mount auth/${reserved.mount} or its role was removed or changed by hand, run configure: it repairs the login, or says what it lacks.`;
  return new DeniedError(message, { cause, todo: `${hint}${notAccepted} ${repair}` });
}

function noReaderRole(message: string, cause: VaultError): RefusedError {
  const todo = `Run configure: it makes the role at auth/${reserved.mount}. A version of vault-hooks before this one did not.`;
  return noReader(`${message}: this Vault has no role "${readerLogin.role}"`, cause, todo);
}

/**
 * Explains that Kubernetes does not have the ServiceAccount of `plan` and `status`, as after an upgrade.
 *
 * @param cause the response to the request for its token
 */
export function noReaderAccount({ run }: Cluster, cause: AppError): RefusedError {
  const { serviceAccount } = readerLogin;
  const { namespace } = run.settings;
  const todo =
    "Sync hooks/, or run configure or bootstrap: each makes the ServiceAccount and its role in Vault, which a version of vault-hooks " +
    "before this one did not. If Vault has the role already, make only the ServiceAccount: " +
    `\`kubectl -n ${namespace} create serviceaccount ${serviceAccount}\`.`;
  return noReader(`log in to Vault: there is no ServiceAccount ${namespace}/${serviceAccount}`, cause, todo);
}

function noReader(message: string, cause: AppError, todo: string): RefusedError {
  return new RefusedError(`${message} for plan and status yet`, { cause, todo });
}

/** True for a token that was revoked, or stored before it was decoded. False also if custody may not be read. */
async function hasInvalidRootToken(cluster: Cluster, vault: Vault): Promise<boolean> {
  const root = await findRootToken(cluster, vault).catch((error: unknown) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
  return root?.valid === false;
}

/** Asks the server, since this depends on its configuration as well as on its version. */
async function generateRootHint(vault: Vault): Promise<string> {
  try {
    await vault.read("sys/generate-root/attempt", { once: true });
    return "`vault operator generate-root`, which this server allows";
  } catch (error) {
    // an election or a lost answer does not show that the server must be opened
    if (!(error instanceof VaultError) || error.transient) return "`vault operator generate-root`; see docs/runbook.md";
    return (
      "this server refuses generate-root without a token: first allow it in its configuration, in Vault with enable_unauthenticated_access, " +
      "in OpenBao with disable_unauthed_generate_root_endpoints = false; see docs/runbook.md"
    );
  }
}
