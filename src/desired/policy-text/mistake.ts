import { nearest } from "../../util/nearest.ts";

/** A mistake in the text of a policy, at `offset`. */
export type Mistake = {
  readonly offset: number;
  readonly found: string;
  readonly expected: string;
  readonly nearest?: string | undefined;
  /** Vault accepts the policy, so it is applied with a warning: existing policies must be adoptable as they are. */
  readonly isWarning?: true;
};

export function toWarning(mistake: Mistake): Mistake {
  return { ...mistake, isWarning: true };
}

/** @param known the keys that are valid there */
export function unknownKey(key: string, offset: number, known: readonly string[]): Mistake {
  return {
    offset,
    found: `the unknown key ${key}`,
    expected: `one of ${known.join(", ")}`,
    nearest: nearest(key, known),
  };
}
