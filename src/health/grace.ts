/**
 * How long a state may last before it is a problem, in milliseconds. Stored keys never disappear for a moment, except while init moves
 * them to the archive. A restarted member is unsealed within seconds, and an election takes less than 10 s. A pod that starts again
 * may have to pull its image.
 */
export const momentMs = 5_000;
export const shortMs = 15_000;
export const longMs = 60_000;
/** A first installation pulls images, and may wait for volumes. */
export const installMs = 300_000;
