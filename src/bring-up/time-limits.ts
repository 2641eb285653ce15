/**
 * How long init tries to store Vault's response after receiving it, in milliseconds. Longer than an upgrade of Kubernetes
 * takes. The Job's terminationGracePeriodSeconds must not be shorter.
 */
export const keepResponseMs = 600_000;
/**
 * How long unseal and join wait for members that may be starting, in milliseconds, once a quorum is unsealed and nothing else is
 * left to do. A container starts in a few seconds, and Vault answers a second later; attaching a volume may take longer.
 */
export const startMs = 30_000;
/** Longer than Vault ever takes to respond to init, in milliseconds. */
export const initCallMs = 180_000;
/** How long after its call a run of init may hold the only copy of the keys, in milliseconds. */
export const longestHeldMs = initCallMs + keepResponseMs;
