/** The declarations in Git with which a person accepts a loss: of data, of keys, of a member. Each names one thing, and has no effect on any other. */
export type Recovery = {
  /** The fingerprint of unseal keys whose data is lost. */
  readonly acceptDataLoss?: string;
  /** The intent of an init whose response was lost, and whose Vault was never used. */
  readonly remakeUnused?: string;
  /** Names of dead Raft peers, which `configure` removes. */
  readonly removePeers?: readonly string[];
};
