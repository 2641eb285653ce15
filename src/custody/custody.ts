import type { AppError } from "../errors.ts";

/** What unseals Vault (Shamir) or, where Vault unseals itself, what recovers it. The shares are secret. */
export type Keys = {
  /** In the order in which Vault gave them, base64. */
  readonly shares: readonly string[];
  /** How many of them are needed. */
  readonly threshold: number;
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly created: string;
};

/** Vault's answer to init, which exists once. */
export type InitAnswer = {
  readonly keys: Keys;
  /** Empty where the answer has none. */
  readonly rootToken: string;
  /** The whole text of an answer that is not what was asked for. It is kept like any other, and judged by `finish`. */
  readonly raw?: string;
};

/** `unknown`: there may be keys, but they could not be read in full; the error says why, and what to do. */
export type KeysFound =
  | { readonly kind: "none" }
  | { readonly kind: "keys"; readonly keys: Keys }
  | { readonly kind: "unknown"; readonly error: AppError };

/**
 * A place where keys are kept. Keys are created, never overwritten, and leave only after they were archived.
 * Every method throws DeniedError or NotReadyError where its storage denies it or gives no answer, except `find`.
 */
export type Custody = {
  /** Told to people: "Secret vault-custody/vault-unseal-keys". */
  readonly where: string;
  /** The file or object names of the shares, to name one without its value. */
  shareName(index: number): string;
  find(): Promise<KeysFound>;
  /** Throws unless everything that `keep` will write could be written now. Leaves nothing behind. */
  prove(): Promise<void>;
  /** Writes the whole answer in one atomic act. The first thing done with it. */
  journal(answer: InitAnswer): Promise<void>;
  /** Whether an answer was written by `journal` and not yet brought home by `finish`. */
  unfinished(): Promise<boolean>;
  /**
   * Brings a journalled answer to where it belongs, reads it back, then drops the journal. Can be repeated.
   * Throws RefusedError for an answer that is not what was asked for: it stays in the journal, for a person.
   */
  finish(): Promise<Keys | undefined>;
  /** Moves the keys of this fingerprint into the archive; they are deleted only once they were read back from there. */
  archive(fingerprint: string): Promise<void>;
  /** Removes what is left of a root token, once the Vault that it belonged to is gone. */
  dropRootToken(): Promise<void>;
};
