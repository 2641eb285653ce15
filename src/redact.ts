const secrets = new Set<string>();

/** Values shorter than this are too common in ordinary text to be replaced safely. */
const shortest = 6;

/**
 * Registers a secret value, its base64 and its JSON form, so that no log line, error or plan can show it.
 * Call it where the value enters the process, before anything else is done with it.
 *
 * @param value the secret in the clear; values under 6 characters are ignored (they would blank ordinary words)
 * @returns the same value, so that a call can wrap an expression
 */
export function secret<T extends string>(value: T): T {
  if (value.length < shortest) return value;
  for (const form of [value, Buffer.from(value).toString("base64"), JSON.stringify(value).slice(1, -1)]) {
    secrets.add(form);
  }
  return value;
}

/** Replaces every registered secret in `text` by `[redacted]`, longest first so that none survives inside another. */
export function redact(text: string): string {
  let out = text;
  for (const value of [...secrets].sort((a, b) => b.length - a.length)) {
    if (out.includes(value)) out = out.replaceAll(value, "[redacted]");
  }
  return out;
}
