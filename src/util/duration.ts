const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const duration = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
/** Matches every string that parseDuration accepts; for a JSON Schema. */
export const durationPattern = `^\\d+$|${duration.source}`;
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/**
 * Parses a duration in the format of Vault and Go: `90s`, `5m`, `1h30m`, `1d`; a bare number is seconds.
 * @returns milliseconds, or undefined if it is not a duration
 * @see https://developer.hashicorp.com/vault/docs/concepts/duration-format
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!duration.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(part)) total += Number(count) * (units[unit ?? ""] ?? 0);
  return total;
}
