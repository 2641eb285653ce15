/** Units of time.ParseDuration of Go, in nanoseconds. */
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const day = 86_400_000_000_000n;
const duration = /^\+?(?:\d+d?|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
/** Matches every string that parseDuration accepts; for a JSON Schema. */
export const durationPattern = duration.source;
const parts = /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g;
/** Go keeps a duration in 64 bits. */
const longest = 2n ** 63n - 1n;

/**
 * Parses a duration in the format of Vault and Go: `90s`, `5m`, `1h30m`, `500us`, `1d`; a bare number is seconds.
 * @returns milliseconds, or undefined if it is not a duration or below zero
 * @see https://developer.hashicorp.com/vault/docs/concepts/duration-format
 */
export function parseDuration(text: string): number | undefined {
  const nanoseconds = text.startsWith("-") ? undefined : parseNanoseconds(text);
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1_000_000;
}

/**
 * Parses a duration as {@link parseDuration} does, also one below zero.
 * @returns nanoseconds, or undefined if it is not a duration
 */
export function parseNanoseconds(text: string): bigint | undefined {
  const isNegative = text.startsWith("-");
  const unsigned = isNegative ? text.slice(1) : text;
  if (!duration.test(unsigned) || (isNegative && unsigned.startsWith("+"))) return undefined;
  const total = sum(unsigned.replace(/^\+/, ""));
  if (total > longest) return undefined;
  return isNegative ? -total : total;
}

function sum(text: string): bigint {
  // Vault accepts days alone: 1d, not 1d12h
  if (text.endsWith("d")) return BigInt(text.slice(0, -1)) * day;
  if (/^\d+$/.test(text)) return BigInt(text) * 1_000_000_000n;
  let total = 0n;
  for (const [, whole = "", fraction = "", name = ""] of text.matchAll(parts)) {
    const unit = units[name] ?? 0n;
    // as in Go, a fraction of a nanosecond is dropped
    total += BigInt(whole) * unit + BigInt(Math.trunc(Number(`0.${fraction}0`) * Number(unit)));
  }
  return total;
}
