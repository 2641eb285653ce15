/** Values shorter than this are too common in ordinary text to be replaced safely. */
const shortest = 6;

/** Every form of every secret, by its first characters: looking a text through costs the same however many there are. */
const secrets = new Map<string, Set<string>>();

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
    const start = form.slice(0, shortest);
    secrets.set(start, (secrets.get(start) ?? new Set()).add(form));
  }
  return value;
}

/** Replaces every registered secret in `text` by `[redacted]`; of secrets that overlap no part survives. */
export function redact(text: string): string {
  let [out, copied, hiddenTo] = ["", 0, 0];
  for (let at = 0; at + shortest <= text.length; at++) {
    const end = endOfSecret(text, at);
    if (end <= hiddenTo) continue;
    if (at >= hiddenTo) {
      out += `${text.slice(copied, at)}[redacted]`;
    }
    copied = end;
    hiddenTo = end;
  }
  return out + text.slice(copied);
}

/** Where the longest secret that begins at `at` ends; 0 if none does. */
function endOfSecret(text: string, at: number): number {
  let end = 0;
  for (const form of secrets.get(text.slice(at, at + shortest)) ?? []) {
    if (at + form.length > end && text.startsWith(form, at)) end = at + form.length;
  }
  return end;
}
