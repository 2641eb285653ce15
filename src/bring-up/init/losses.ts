import { RefusedError } from "../../errors.ts";
import { type ClusterState, names } from "../state.ts";

/** Every volume is empty, and custody has the keys of a Vault. */
export function storageLost(state: ClusterState, fingerprint: string): RefusedError {
  const message =
    `the storage was lost: ${names(state.members)} hold no data, but ${state.custody} has the keys of a Vault ` +
    `(fingerprint ${fingerprint})`;
  return new RefusedError(message, {
    todo:
      "Bring the volumes back, or restore a snapshot. To give up the old data and start with an empty Vault, write " +
      `recovery: {acceptDataLoss: "${fingerprint}"} into the desired state; the old keys then move to the archive.`,
  });
}

/** Without the keys, nothing but the record says that there was a Vault. An empty one must not take its place unnoticed. */
export function keysAndStorageLost(state: ClusterState, fingerprint: string): RefusedError {
  const message =
    `the storage and the keys were lost: ${names(state.members)} hold no data, and ${state.custody} does not exist, but init stored ` +
    `keys with fingerprint ${fingerprint}`;
  return new RefusedError(message, {
    todo:
      `Restore the volumes, and ${state.custody} from a backup. To give up the old data and start with an empty Vault, write ` +
      `recovery: {acceptDataLoss: "${fingerprint}"} into the desired state.`,
  });
}

/** A declaration that was left in Git must not accept a second loss. */
export function acceptedBefore(state: ClusterState, fingerprint: string): RefusedError {
  const message =
    `the storage was lost again: ${names(state.members)} hold no data, and recovery.acceptDataLoss accepted the loss of the keys with ` +
    `fingerprint ${fingerprint} once before. Since then they were restored from the archive`;
  return new RefusedError(message, {
    todo:
      "Bring the volumes back, or restore a snapshot. To give up this data too, lift the protection of custody (docs/runbook.md), delete " +
      `${state.custody}, whose keys are also in the archive, and run init again: it names the declaration that it needs then.`,
  });
}
