import { RefusedError } from "../errors.ts";
import type { Keys } from "./custody.ts";
import { fingerprintOf } from "./fingerprint.ts";

type Data = Readonly<Record<string, string>>;

/** Every value that is read from a Secret is redacted; with this prefix the bare fingerprint may still be shown. */
const prefix = "sha256:";

/** The key of a share in the data of a Secret. */
export function shareName(index: number): string {
  return `share-${index}`;
}

/** The data of a Secret that holds these keys. */
export function formatKeys(keys: Keys): Record<string, string> {
  return {
    ...Object.fromEntries(keys.shares.map((share, index) => [shareName(index), share])),
    shares: String(keys.shares.length),
    threshold: String(keys.threshold),
    fingerprint: prefix + keys.fingerprint,
    created: keys.created,
  };
}

/**
 * Reads keys from the data of a Secret. The fingerprint may be missing, since a person writes keys by hand after a rekey.
 *
 * @param where names the Secret in errors: "Secret vault-custody/vault-unseal-keys"
 * @throws RefusedError if anything else is missing or inconsistent; the message has no value
 */
export function parseKeys(where: string, data: Data): Keys {
  const count = wholeNumber(where, data, "shares");
  const threshold = wholeNumber(where, data, "threshold");
  const shares = Array.from({ length: count }, (_, index) => data[shareName(index)]);
  const missing = shares.flatMap((share, index) => (share === undefined || share === "" ? [shareName(index)] : []));
  if (missing.length > 0) throw invalid(where, `lacks ${missing.join(", ")} of its ${count} shares`);
  const present = shares.filter((share) => share !== undefined);
  const fingerprint = fingerprintOf(present);
  if (data["fingerprint"] && data["fingerprint"] !== prefix + fingerprint) {
    throw new RefusedError(`read unseal keys: ${where} has shares that do not match its fingerprint`, {
      todo:
        `A share was changed or damaged. Lift the protection of custody (docs/runbook.md), then restore all of ${where} from a backup. ` +
        'If Vault was rekeyed, create it with all present shares, "shares" and "threshold", and without a fingerprint.',
    });
  }
  if (new Set(present).size < count) throw invalid(where, "holds the same share twice");
  if (threshold > count) throw invalid(where, `has ${count} shares, but a threshold of ${threshold}`);
  return { shares: present, threshold, fingerprint, created: data["created"] ?? "" };
}

function wholeNumber(where: string, data: Data, key: string): number {
  const text = data[key] ?? "";
  const value = Number(text);
  if (/^[1-9]\d{0,2}$/.test(text) && value <= 255) return value;
  throw invalid(where, `has no whole number from 1 to 255 under "${key}"`);
}

function invalid(where: string, problem: string): RefusedError {
  return new RefusedError(`read unseal keys: ${where} ${problem}`, {
    todo: `Lift the protection of custody (docs/runbook.md), then restore all of ${where} from a backup. Until then nothing is initialised or overwritten.`,
  });
}
