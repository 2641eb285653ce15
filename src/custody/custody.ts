import type { AppError } from "../errors.ts";

/** Vault's unseal keys (Shamir), or its recovery keys where it unseals itself. The shares are secret. */
export type Keys = {
  /** Base64, in the order in which Vault returned them. */
  readonly shares: readonly string[];
  /** How many shares unseal Vault. */
  readonly threshold: number;
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly created: string;
};

/** Vault's response to init, which Vault returns only once. */
export type InitResponse = {
  readonly keys: Keys;
  /** Empty if the response has none. */
  readonly rootToken: string;
  /** The body of a response that does not match the request. `journal` keeps it like any other; `finish` refuses it. */
  readonly raw?: string;
};

/** `unknown`: keys may exist but could not be read completely. The error has the cause and what to do. */
export type KeysFound =
  | { readonly kind: "none" }
  | { readonly kind: "keys"; readonly keys: Keys }
  | { readonly kind: "unknown"; readonly error: AppError };

/** The root token as custody has it. */
export type StoredRootToken = {
  readonly token: string;
  /** Identifies this stored token, so that only this one is deleted. */
  readonly id: string;
};

/**
 * The keys in custody. Keys are created, never overwritten, and deleted only after they were archived.
 * Every method except `findKeys` throws DeniedError or NotReadyError if the storage denies access or does not answer.
 */
export type KeyCustody = {
  /** For messages: "Secret vault-custody/vault-unseal-keys". */
  readonly where: string;
  /** The name of a share in storage, so that a message can name it without its value. */
  shareName(index: number): string;
  findKeys(): Promise<KeysFound>;
  /** Checks that everything that `journal` and `finish` write could be written now. Leaves nothing behind. */
  proveWritable(): Promise<void>;
  /** Writes the response of init in one atomic request, before anything else is done with it. */
  journal(answer: InitResponse): Promise<void>;
  /** Whether `journal` has written a response that `finish` has not moved yet. */
  hasJournal(): Promise<boolean>;
  /**
   * Moves a journalled response to its final places: writes, reads back, deletes the journal. Safe to repeat.
   *
   * @returns the keys, or undefined if there is no journal
   * @throws RefusedError for a response that does not match the request; it stays in the journal
   */
  finish(): Promise<Keys | undefined>;
  /** Whether the archive has the keys with this fingerprint: somebody accepted their loss once. */
  isArchived(fingerprint: string): Promise<boolean>;
  /** Moves the keys with this fingerprint into the archive. They are deleted once they were read back from there. */
  archive(fingerprint: string): Promise<void>;
  /** @returns the ID of the stored root token, whatever it holds; undefined if there is none */
  rootTokenId(): Promise<string | undefined>;
  /** Deletes the root token with this ID, after its Vault was lost; a token that was stored since stays. */
  dropRootToken(id: string): Promise<void>;
};

/**
 * The root token in custody: from init until the first `configure`, or put there by a person.
 * Only `configure` and `plan` may read it, so `init`, `unseal` and `join` work with KeyCustody alone.
 */
export type RootTokenCustody = {
  /** For messages: "Secret vault-custody/vault-root-token". */
  readonly rootTokenWhere: string;
  /** Where a person stores one, for messages: 'key "token" of Secret vault-custody/vault-root-token'. */
  readonly rootTokenEntry: string;
  /**
   * @returns undefined if there is none
   * @throws DeniedError if it may not be read, or if it is empty
   */
  readRootToken(): Promise<StoredRootToken | undefined>;
  /** Deletes this root token; a token that was stored since stays. */
  deleteRootToken(token: StoredRootToken): Promise<void>;
};

/** A place where keys and the root token are kept; `openCustody` chooses the implementation. */
export type Custody = KeyCustody & RootTokenCustody;
