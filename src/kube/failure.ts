import { type AppError, ConfigError, DeniedError, NotFoundError, NotReadyError } from "../errors.ts";
import { redactFreeText } from "../redact.ts";
import { isTlsError } from "../util/tls-error.ts";
import { type ApiCall, describe, permissionFor } from "./api-call.ts";

/**
 * How a call failed: with an error status, or without an answer (`status` is undefined).
 */
export type Failure = {
  readonly status?: number;
  readonly reason: string;
  /** The same call may succeed in a moment. */
  readonly transient: boolean;
  /** Kubernetes itself answered, not a proxy in front of it. */
  readonly fromKubernetes?: boolean;
  /** The call may have succeeded although its response was lost. */
  readonly answerLost: boolean;
  /** The server knows no such path: Kubernetes answers so for an API group that is not installed, but so do other servers. */
  readonly unknownPath?: boolean;
  /** The cause looks like a wrong kubeconfig or address. No call can succeed, unless `transient` says that one already has. */
  readonly misconfigured?: boolean;
};

/** Error codes that mean no connection was made, so nothing was sent. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Classifies what a call threw. */
export function failureOf(cause: unknown): Failure {
  const { code, body } = cause as { code?: unknown; body?: unknown };
  // a DOMException (an abort, a timeout) has a numeric code below 100, which is not an HTTP status
  if (typeof code === "number" && code >= 100) return failureOfAnswer(code, body);
  const root = rootOf(cause);
  const name = String((root as NodeJS.ErrnoException).code ?? "");
  // the message of an exec credential plugin is all of its output
  const reason = root.message.trim().split("\n")[0] || name || root.name;
  if (isTlsError(name)) return { reason, transient: false, answerLost: false, misconfigured: true };
  // when a connection fails, fetch throws a TypeError that has a `cause`; our own timeout is a TimeoutError
  const network =
    name !== "" || cause instanceof TypeError || root.name === "TimeoutError" || root.name === "AbortError";
  const badConfig = /^E(NOENT|ACCES|ISDIR)$/.test(name) || name.startsWith("ERR_OSSL") || !network;
  if (badConfig) return { reason, transient: false, answerLost: false, misconfigured: true };
  return { reason, transient: true, answerLost: !neverSent.has(name) };
}

/** Another server answers at that address, for example a login page. */
export const notKubernetes: Failure = {
  reason: "the answer is not from Kubernetes: is this the API server's address?",
  transient: false,
  answerLost: false,
  misconfigured: true,
};

/** Every Kubernetes object has a `kind`. A boolean or undefined is accepted too, because some calls convert the answer to one. */
export function isFromKubernetes(answer: unknown): boolean {
  if (typeof answer !== "object") return typeof answer !== "string";
  return typeof (answer as { kind?: unknown } | null)?.kind === "string";
}

/** The API server answers with a Status object; a proxy in front of it may answer with anything. */
function parseBody(body: unknown): { readonly kind?: unknown; readonly message?: unknown } {
  try {
    return (typeof body === "string" ? JSON.parse(body) : body) ?? {};
  } catch {
    return {};
  }
}

function failureOfAnswer(status: number, body: unknown): Failure {
  const { kind, message } = parseBody(body);
  const fromKubernetes = kind === "Status";
  if (status === 404 && !fromKubernetes) return { ...notKubernetes, unknownPath: isPlain404(body) };
  const reason = typeof message === "string" ? message : shortText(body) || "no reason";
  return { status, reason, transient: status === 429 || status >= 500, fromKubernetes, answerLost: status >= 500 };
}

/** The answer of Go's HTTP server, which the API server gives for a group that no CustomResourceDefinition defines. */
function isPlain404(body: unknown): boolean {
  return typeof body === "string" && body.trim() === "404 page not found";
}

/** An overloaded API server answers with a plain sentence, a proxy with an HTML page. */
function shortText(body: unknown): string {
  return typeof body === "string" && /^[^<{]{1,200}$/.test(body.trim()) ? body.trim() : "";
}

function rootOf(cause: unknown): Error {
  if (cause instanceof AggregateError && cause.errors.length > 0) return rootOf(cause.errors[0]);
  if (cause instanceof Error) return cause.cause instanceof Error ? rootOf(cause.cause) : cause;
  return new Error(String(cause));
}

/** The address of the API server, and whether this process runs in its cluster. */
export type ApiServer = { readonly server: string; readonly inCluster: boolean };

/** What to do about a refusal by the policies in hooks/base/custody. */
const protectedTodo =
  "This protects the unseal keys. Only the hook init may delete them, after Git has given them up (recovery.acceptDataLoss). " +
  "docs/runbook.md says how a person lifts the protection.";

/** The error that the user reads: DeniedError, NotReadyError (NotFoundError for a 404) or ConfigError. */
export function errorOf(call: ApiCall, failure: Failure, apiServer: ApiServer): AppError {
  const { server } = apiServer;
  const { status } = failure;
  const reason = redactFreeText(failure.reason);
  const subject = `${describe(call)}: `;
  if (failure.misconfigured) return misconfigured(`${subject}cannot talk to ${server}: ${reason}`, failure, apiServer);
  if (status === undefined) {
    const todo = `Check that ${server} is the right cluster, is running and can be reached, then run the command again.`;
    return new NotReadyError(`${subject}no answer from ${server}: ${reason}`, { todo });
  }
  if (failure.transient) {
    return new NotReadyError(`${subject}Kubernetes answered ${status}: ${reason}`, {
      todo: "Run it again in a while.",
    });
  }
  if (status === 401) {
    const todo = "Renew the credentials in the kubeconfig, or the ServiceAccount's token.";
    return new DeniedError(`${subject}Kubernetes does not accept the credentials: ${reason}`, { todo });
  }
  if (status === 403 && failure.reason.endsWith("because it is being terminated")) {
    const todo = "Wait until the namespace is gone and create it again. Then run the command again.";
    return new NotReadyError(`${subject}${reason}`, { todo });
  }
  if (/ValidatingAdmissionPolicy 'protect-(custody|keys)\./.test(reason))
    return new DeniedError(`${subject}Kubernetes denied it: ${reason}`, { todo: protectedTodo });
  if (status === 403)
    return new DeniedError(`${subject}Kubernetes denied it: ${reason}`, {
      todo: missingPermission(call, failure.reason),
    });
  if (status === 404)
    return new NotFoundError(`${subject}${reason}`, { todo: "Create the missing object, then run the command again." });
  return new DeniedError(`${subject}Kubernetes answered ${status}: ${reason}`);
}

function misconfigured(message: string, { transient }: Failure, { server, inCluster }: ApiServer): AppError {
  if (transient)
    return new NotReadyError(message, { todo: `${server} has answered before: run the command again in a while.` });
  const todo = inCluster
    ? "Check Service kubernetes in namespace default, and any proxy between it and the API server."
    : `Correct the entry for ${server} in the kubeconfig; \`kubectl version\` shows whether it works.`;
  return new ConfigError(message, { todo });
}

/** What to do about a 403. Quotas and admission rules answer 403 too, but only RBAC names the user. */
function missingPermission(call: ApiCall, reason: string): string {
  const user = /User "([^"]+)" cannot/.exec(reason)?.[1];
  if (user === undefined) return "Change the quota or the admission rule that the message names.";
  const account = /^system:serviceaccount:([^:]+):(.+)$/.exec(user);
  const who = account === null ? `user ${user}` : `ServiceAccount ${account[2]} of namespace ${account[1]}`;
  return `Give ${who} the permission ${permissionFor(call)}, as the Roles in hooks/ do.`;
}
