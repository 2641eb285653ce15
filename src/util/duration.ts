const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const whole = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
/** Every text that parseDuration takes, as a regular expression of JSON Schema. */
export const durationPattern = `^\\d+$|${whole.source}`;
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/**
 * Reads a duration as Vault and Go write it: `90s`, `5m`, `1h30m`, `1d`; a bare number is seconds.
 * @returns milliseconds, or undefined if it is no duration
 * @see https://developer.hashicorp.com/vault/docs/concepts/duration-format
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!whole.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(part)) total += Number(count) * (units[unit ?? ""] ?? 0);
  return total;
}
