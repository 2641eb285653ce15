import { refuseTwoClusters } from "../bring-up/refusals.ts";
import { answered, type Member } from "../bring-up/state.ts";
import { isActive } from "../connect/member-status.ts";
import { ordinalOf } from "../connect/members.ts";
import { ExitCode, NotReadyError } from "../errors.ts";
import type { Round } from "../watch/observer.ts";
import type { Finding } from "./assess.ts";
import { installMs, momentMs, shortMs } from "./grace.ts";
import { isFinal, memberFinding } from "./one-member.ts";

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
