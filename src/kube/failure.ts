import { type AppError, ConfigError, DeniedError, NotReadyError } from "../errors.ts";
import { isTlsError } from "../util/tls-error.ts";
import { type ApiCall, describe, rightOf } from "./api-call.ts";

/**
 * How a call failed: by an answer (`status`), or by none at all.
 * `passing`: the same call may be answered differently in a moment.
 */
export type Failure = {
  readonly status?: number;
  readonly reason: string;
  readonly passing: boolean;
  /** It is Kubernetes that answered, and not what may stand before it. */
  readonly genuine?: boolean;
  /** The server may have done it all the same: its answer was lost. */
  readonly lost: boolean;
  /** The cluster's description is wrong: no server could ever answer, if it is not `passing`. */
  readonly misconfigured?: boolean;
};

/** No connection was made, so nothing was sent. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

export function failureOf(cause: unknown): Failure {
  const { code, body } = cause as { code?: unknown; body?: unknown };
  // a DOMException (an abort, a timeout) has a number too, which is no HTTP status
  if (typeof code === "number" && code >= 100) return answered(code, body);
  const root = rootOf(cause);
  const name = String((root as NodeJS.ErrnoException).code ?? "");
  // a login program's message is all that it wrote
  const reason = root.message.trim().split("\n")[0] || name || root.name;
  if (isTlsError(name)) return { reason, passing: false, lost: false, misconfigured: true };
  // fetch tells a failed connection by a TypeError with a cause; an own timeout by a TimeoutError
  const network =
    name !== "" || cause instanceof TypeError || root.name === "TimeoutError" || root.name === "AbortError";
  const setup = /^E(NOENT|ACCES|ISDIR)$/.test(name) || name.startsWith("ERR_OSSL") || !network;
  if (setup) return { reason, passing: false, lost: false, misconfigured: true };
  return { reason, passing: true, lost: !neverSent.has(name) };
}

/** Something else answers at that address: a login page, another server. */
export const foreign: Failure = {
  reason: "the answer is not that of Kubernetes: is this the API server's address?",
  passing: false,
  lost: false,
  misconfigured: true,
};

/** Every object of Kubernetes says what kind it is. What a call makes of one is a truth value, or nothing. */
export function isOfKubernetes(answer: unknown): boolean {
  if (typeof answer !== "object") return typeof answer !== "string";
  return typeof (answer as { kind?: unknown } | null)?.kind === "string";
}

/** The API server answers with a Status object; what stands before it, such as a proxy, with anything. */
function parsed(body: unknown): { readonly kind?: unknown; readonly message?: unknown } {
  try {
    return (typeof body === "string" ? JSON.parse(body) : body) ?? {};
  } catch {
    return {};
  }
}

function answered(status: number, body: unknown): Failure {
  const { kind, message } = parsed(body);
  const genuine = kind === "Status";
  if (status === 404 && !genuine) return foreign;
  const reason = typeof message === "string" ? message : sentence(body) || "no reason";
  return { status, reason, passing: status === 429 || status >= 500, genuine, lost: status >= 500 };
}

/** An overloaded API server refuses in plain words, a proxy before it by a page. */
function sentence(body: unknown): string {
  return typeof body === "string" && /^[^<{]{1,200}$/.test(body.trim()) ? body.trim() : "";
}

function rootOf(cause: unknown): Error {
  if (cause instanceof AggregateError && cause.errors.length > 0) return rootOf(cause.errors[0]);
  if (cause instanceof Error) return cause.cause instanceof Error ? rootOf(cause.cause) : cause;
  return new Error(String(cause));
}

/** Where the API server was looked for. */
export type ApiServer = { readonly server: string; readonly inCluster: boolean };

/** The error that a person reads. */
export function errorOf(what: ApiCall, failure: Failure, place: ApiServer): AppError {
  const { server } = place;
  const { status, reason } = failure;
  const subject = `${describe(what)}: `;
  if (failure.misconfigured) return wrongPlace(`${subject}cannot talk to ${server}: ${reason}`, failure, place);
  if (status === undefined) {
    const todo = `Look whether ${server} is the right cluster, runs and can be reached, then run it again.`;
    return new NotReadyError(`${subject}no answer from ${server}: ${reason}`, { todo });
  }
  if (failure.passing) {
    return new NotReadyError(`${subject}Kubernetes answered ${status}: ${reason}`, {
      todo: "Run it again in a while.",
    });
  }
  if (status === 401) {
    const todo = "Renew the credentials in the kubeconfig, or the ServiceAccount's token.";
    return new DeniedError(`${subject}Kubernetes does not know who asks: ${reason}`, { todo });
  }
  if (status === 403 && reason.endsWith("because it is being terminated")) {
    const todo = "Wait until the namespace is gone, make it anew, then run it again.";
    return new NotReadyError(`${subject}${reason}`, { todo });
  }
  if (status === 403)
    return new DeniedError(`${subject}Kubernetes denied it: ${reason}`, { todo: missingRight(what, reason) });
  if (status === 404)
    return new NotReadyError(`${subject}${reason}`, { todo: "Make what is missing, then run it again." });
  return new DeniedError(`${subject}Kubernetes answered ${status}: ${reason}`);
}

function wrongPlace(message: string, { passing }: Failure, { server, inCluster }: ApiServer): AppError {
  if (passing) return new NotReadyError(message, { todo: `${server} has answered before: run it again in a while.` });
  const todo = inCluster
    ? "Look at Service kubernetes in namespace default, and at what stands between it and the API server."
    : `Correct the kubeconfig's entry of ${server}; \`kubectl version\` shows whether it works.`;
  return new ConfigError(message, { todo });
}

/** Quota and admission rules answer 403 too; only RBAC names the user. */
function missingRight(what: ApiCall, reason: string): string {
  const user = /User "([^"]+)" cannot/.exec(reason)?.[1];
  if (user === undefined) return "Change the quota or the admission rule that Kubernetes names.";
  const account = /^system:serviceaccount:([^:]+):(.+)$/.exec(user);
  const who = account === null ? `user ${user}` : `ServiceAccount ${account[2]} of namespace ${account[1]}`;
  return `Give ${who} the right ${rightOf(what)}, as the Roles in hooks/ do.`;
}
