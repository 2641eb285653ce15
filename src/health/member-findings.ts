import { refuseTwoClusters } from "../bring-up/refusals.ts";
import { answered, type Member } from "../bring-up/state.ts";
import { isActive } from "../connect/member-status.ts";
import { ordinalOf } from "../connect/members.ts";
import { type AppError, ExitCode, NotReadyError } from "../errors.ts";
import type { Round } from "../watch/observer.ts";
import type { Finding } from "./assess.ts";

/**
 * How long a state may last before it is a problem, in milliseconds. Stored keys never disappear for a moment, except while init moves
 * them to the archive. A restarted member is unsealed within seconds, and an election takes less than 10 s. A pod that starts again
 * may have to pull its image.
 */
const momentMs = 5_000;
const shortMs = 15_000;
const longMs = 60_000;
/** A first installation pulls images, and may wait for volumes. */
const installMs = 300_000;

const keysObject = "secret/vault-unseal-keys";

/**
 * Finds what is wrong with Vault's members, its leader and its keys. The cause comes before its effects.
 *
 * @param custody where the keys are kept: "Secret vault-custody/vault-unseal-keys"
 */
export function memberFindings(round: Round, custody: string): Finding[] {
  const unknown = [...blindness(round), ...unreadableRecord(round)];
  if (isInstalling(round)) return [...unknown, ...refusal(round, []), notInstalled(round)];
  if (round.statefulSet.uid === undefined) return [...unknown, noStatefulSet(round)];
  const members = expected(round).flatMap((member) => memberFinding(round, member) ?? []);
  const before = [...keysFinding(round, custody), ...mixUp(round)];
  return [...unknown, ...before, ...refusal(round, [...before, ...members]), ...wholeFinding(round), ...members];
}

/** The members that should exist. A pod beyond `replicas` is on its way out. */
export function expected({ members, statefulSet }: Round): readonly Member[] {
  const { replicas = 0 } = statefulSet;
  return members.filter(({ pod }) => ordinalOf(pod) < replicas);
}

/** The active member. Without high availability, the one unsealed server is. */
export function leaderOf(round: Round): string | undefined {
  return answered(expected(round)).find(({ status }) => isActive(status))?.pod;
}

/** Without a permission, members are as they were last seen, and nothing can be repaired. */
function blindness({ stale, statefulSet }: Round): Finding[] {
  if (stale === undefined || stale instanceof NotReadyError) return [];
  const { message, todo = "Give the watcher back its permissions." } = stale;
  const object = `statefulset/${statefulSet.name}`;
  return [
    {
      reason: "CannotObserve",
      object,
      message: `the watcher cannot see Vault: ${message}`,
      remedy: todo,
      graceMs: shortMs,
    },
  ];
}

function unreadableRecord({ recordError }: Round): Finding[] {
  if (recordError === undefined) return [];
  const { message, todo = "See docs/runbook.md." } = recordError;
  return [
    { reason: "RecordUnreadable", object: "configmap/vault-init-record", message, remedy: todo, graceMs: shortMs },
  ];
}

/** Members of different Vaults, also if all are unsealed and nothing is left to repair. */
function mixUp({ members, namespace, statefulSet: { name }, record }: Round): Finding[] {
  const error = refuseTwoClusters({ members, namespace, statefulSet: name, record, otherOwner: undefined });
  if (error === undefined) return [];
  const { message, todo = "See docs/runbook.md." } = error;
  return [{ reason: "DifferentVaults", object: `statefulset/${name}`, message, remedy: todo, graceMs: momentMs }];
}

/** Before the first init, the watcher is there, and Vault and its keys are not: nothing is wrong. */
function isInstalling({ initialised, record, recordError, keys }: Round): boolean {
  const noRecord = record?.fingerprint === undefined && recordError === undefined;
  return initialised !== true && noRecord && keys.kind === "missing";
}

function notInstalled(round: Round): Finding {
  return {
    reason: "NotInitialized",
    object: `statefulset/${round.statefulSet.name}`,
    message: `Vault has never been initialised: ${whyNotInstalled(round)}`,
    remedy: "Sync the Application of Vault: its hook init initialises Vault, or says why it must not.",
    graceMs: installMs,
  };
}

function whyNotInstalled({ statefulSet: { name, uid }, initialised }: Round): string {
  if (uid === undefined) return `there is no StatefulSet ${name}`;
  return initialised === false ? "init has not run" : "no pod has answered";
}

function noStatefulSet({ statefulSet: { name }, namespace }: Round): Finding {
  return {
    reason: "StatefulSetMissing",
    object: `statefulset/${name}`,
    message: `there is no StatefulSet ${name} in namespace ${namespace}`,
    remedy: "Sync the Application of Vault. If you removed Vault on purpose, remove the Application vault-health too.",
    graceMs: shortMs,
  };
}

function keysFinding({ keys, initialised, record }: Round, custody: string): Finding[] {
  const recordedFingerprint = record?.fingerprint;
  const object = keysObject;
  if (keys.kind === "unreadable" && keys.error.exitCode !== ExitCode.notReady) {
    const remedy = keys.error.todo ?? `Check ${custody}.`;
    return [{ reason: "KeysUnreadable", object, message: keys.error.message, remedy, graceMs: momentMs }];
  }
  const expectKeys = initialised === true || (initialised === undefined && recordedFingerprint !== undefined);
  if (keys.kind !== "missing" || !expectKeys) return [];
  const which = recordedFingerprint === undefined ? "" : `, with the fingerprint ${recordedFingerprint},`;
  return [
    {
      reason: "KeysMissing",
      object,
      message: `${custody} does not exist: once a member is sealed, it stays sealed`,
      remedy: `Restore ${custody}${which} from your copy, before anything restarts.`,
      // init records that it stored them
      graceMs: recordedFingerprint === undefined ? shortMs : momentMs,
    },
  ];
}

/** A refusal that no other finding explains, such as two different Vaults. */
function refusal({ failure, statefulSet }: Round, others: readonly Finding[]): Finding[] {
  if (failure === undefined || !isFinal(failure.error)) return [];
  const { pod } = failure;
  const whole = [keysObject, `statefulset/${statefulSet.name}`];
  const explained = others.some(({ object }) => (pod === undefined ? whole.includes(object) : object === `pod/${pod}`));
  if (explained) return [];
  const { message, todo = "See the log of the watcher.", exitCode } = failure.error;
  const reason = exitCode === ExitCode.denied ? "Denied" : "Refused";
  const object = pod === undefined ? `statefulset/${statefulSet.name}` : `pod/${pod}`;
  return [{ reason, object, message, remedy: todo, graceMs: 0 }];
}

/** A retry would end in the same way. */
function isFinal({ exitCode }: AppError): boolean {
  return exitCode === ExitCode.refused || exitCode === ExitCode.denied || exitCode === ExitCode.config;
}

function wholeFinding(round: Round): Finding[] {
  const { name } = round.statefulSet;
  const object = `statefulset/${name}`;
  if (round.initialised === false) {
    const message = "no member of Vault is initialised";
    const remedy = "Sync the Application of Vault: its hook init initialises Vault, or says why it must not.";
    return [{ reason: "NotInitialized", object, message, remedy, graceMs: shortMs }];
  }
  if (leaderOf(round) !== undefined) return [];
  const message = "no member of Vault is the leader: no request is answered";
  const remedy =
    "Unseal or repair as many members as a quorum needs. If they are unsealed, see the logs of their pods.";
  return [{ reason: "NoLeader", object, message, remedy, graceMs: shortMs }];
}

function memberFinding(round: Round, member: Member): Finding | undefined {
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
