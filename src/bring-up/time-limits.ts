/**
 * How long the answer of init is held, from when it came, while it cannot be written: longer than Kubernetes takes to
 * come back from an upgrade. The Job's terminationGracePeriodSeconds must not be shorter.
 */
export const keepAnswerMs = 600_000;
/** Longer than Vault ever takes to answer init. */
export const initCallMs = 180_000;
/** How long, from its call on, a run of init may have the only copy of the keys. */
export const longestHeldMs = initCallMs + keepAnswerMs;
