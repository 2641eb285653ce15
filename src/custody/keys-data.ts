import { RefusedError } from "../errors.ts";
import type { Keys } from "./custody.ts";
import { fingerprintOf } from "./fingerprint.ts";

type Data = Readonly<Record<string, string>>;

/** Every value of a Secret that is read counts as secret; with this prefix the bare fingerprint may still be shown. */
const prefix = "sha256:";

/** The name of a share among the data of a Secret. */
export function shareName(index: number): string {
  return `share-${index}`;
}

export function toData(keys: Keys): Record<string, string> {
  return {
    ...Object.fromEntries(keys.shares.map((share, index) => [shareName(index), share])),
    shares: String(keys.shares.length),
    threshold: String(keys.threshold),
    fingerprint: prefix + keys.fingerprint,
    created: keys.created,
  };
}

/**
 * A person who writes keys by hand, after a rekey, need not reckon their fingerprint: one that is there must fit.
 * @param where told in the error: "Secret vault-custody/vault-unseal-keys"
 * @throws RefusedError if anything is missing or does not fit; the message holds no value
 */
export function fromData(where: string, data: Data): Keys {
  const count = wholeNumber(where, data, "shares");
  const threshold = wholeNumber(where, data, "threshold");
  const shares = Array.from({ length: count }, (_, index) => data[shareName(index)]);
  const missing = shares.flatMap((share, index) => (share === undefined || share === "" ? [shareName(index)] : []));
  if (missing.length > 0) throw partial(where, `lacks ${missing.join(", ")} of its ${count} shares`);
  const present = shares.filter((share) => share !== undefined);
  const fingerprint = fingerprintOf(present);
  if (data["fingerprint"] && data["fingerprint"] !== prefix + fingerprint) {
    throw new RefusedError(`read unseal keys: ${where} has shares that do not fit its own fingerprint`, {
      todo:
        `Some were changed or damaged: restore ${where} whole from a backup. If Vault was rekeyed, delete it and create it ` +
        'with all present shares, "shares" and "threshold", and without a fingerprint (docs/runbook.md says how).',
    });
  }
  if (new Set(present).size < count) throw partial(where, "holds the same share twice");
  if (threshold > count) throw partial(where, `has ${count} shares, but a threshold of ${threshold}`);
  return { shares: present, threshold, fingerprint, created: data["created"] ?? "" };
}

function wholeNumber(where: string, data: Data, key: string): number {
  const text = data[key] ?? "";
  const value = Number(text);
  if (/^[1-9]\d{0,2}$/.test(text) && value <= 255) return value;
  throw partial(where, `has no whole number from 1 to 255 under "${key}"`);
}

function partial(where: string, what: string): RefusedError {
  return new RefusedError(`read unseal keys: ${where} ${what}`, {
    todo: `Restore ${where} whole from a backup. While it is as it is, nothing is initialised and nothing is overwritten.`,
  });
}
