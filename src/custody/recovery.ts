/** The words in Git by which a person accepts a loss. Each names one thing, and has no effect on any other. */
export type Recovery = {
  /** The fingerprint of unseal keys whose data is lost. */
  readonly acceptDataLoss?: string;
  /** The intent of an init whose answer was lost, and whose Vault was never used. */
  readonly remakeUnused?: string;
};
