import type { Member } from "../bring-up/state.ts";
import { type AppError, ExitCode } from "../errors.ts";
import type { Round } from "../watch/observer.ts";
import type { Finding } from "./assess.ts";
import { longMs, shortMs } from "./grace.ts";

/** Finds what is wrong with one member, with the error of its last repair. @returns undefined if nothing is */
export function memberFinding(round: Round, member: Member): Finding | undefined {
  const found = stateFinding(round, member);
  const failure = round.failure?.pod === member.pod ? round.failure.error : undefined;
  if (found === undefined || failure === undefined) return found;
  return {
    ...found,
    message: `${found.message}: ${failure.message}`,
    remedy: failure.todo ?? found.remedy,
    graceMs: isFinal(failure) ? 0 : found.graceMs,
  };
}

function stateFinding({ namespace, initialised }: Round, { pod, status, silence }: Member): Finding | undefined {
  const object = `pod/${pod}`;
  const describe = `\`kubectl -n ${namespace} describe pod ${pod}\``;
  if (status === undefined) {
    const remedy = `${describe} shows why the pod does not run. Its log shows why Vault does not answer.`;
    return {
      reason: "MemberUnreachable",
      object,
      message: `${pod} does not answer: ${silence}`,
      remedy,
      graceMs: longMs,
    };
  }
  if (status.removed) {
    const message = `${pod} was removed from the Raft cluster and still has its old data`;
    const remedy = `Delete its volume claim and its pod in namespace ${namespace}. It comes back empty and joins.`;
    return { reason: "MemberRemoved", object, message, remedy, graceMs: 0 };
  }
  if (!status.initialized) {
    if (initialised === false) return undefined;
    const remedy = "The watcher joins it; its log says why it has not. A sync of Vault's Application joins it too.";
    return { reason: "MemberNotJoined", object, message: `${pod} has not joined the others`, remedy, graceMs: longMs };
  }
  if (!status.sealed) return undefined;
  const remedy = status.autoUnseal
    ? `It unseals itself with a key outside Vault: see the log of pod ${pod}.`
    : "The watcher unseals it; its log says why it has not. A sync of Vault's Application unseals it too.";
  return { reason: "MemberSealed", object, message: `${pod} is sealed`, remedy, graceMs: shortMs };
}

/** A retry would end in the same way. */
export function isFinal({ exitCode }: AppError): boolean {
  return exitCode === ExitCode.refused || exitCode === ExitCode.denied || exitCode === ExitCode.config;
}
