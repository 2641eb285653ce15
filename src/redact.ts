/** Values shorter than this are too common in ordinary text to be replaced safely. */
const shortest = 6;

type Store = {
  /** Every secret as it was given: most are given more than once, by the configuration and by Vault. */
  readonly known: Set<string>;
  /** Every form of every secret, by its first characters and its length: their number does not count when a text is looked through. */
  readonly secrets: Map<string, Map<number, Set<string>>>;
  /** What secrets begin with, as hashes: most places in a text are told by one look that none begins there. */
  readonly starts: Uint8Array;
};

const newStore = (): Store => ({ known: new Set(), secrets: new Map(), starts: new Uint8Array(1 << 16) });
/** Hidden wherever they stand. */
const everywhere = newStore();
/** Hidden where Vault or Node.js has the word; a plan's own words and names may be the same. */
const inFreeText = newStore();

/**
 * Registers a secret value, its base64 and its JSON form, so that no log line, error or plan can show it.
 * Call it where the value enters the process, before anything else is done with it.
 *
 * @param value the secret in the clear; values under 6 characters are ignored (they would blank ordinary words)
 * @returns the same value, so that a call can wrap an expression
 */
export function secret<T extends string>(value: T): T {
  register(everywhere, value);
  return value;
}

/** Registers every text in a value, also in lists and maps within, as `secret` does. @returns the same value */
export function secretsIn<T>(value: T): T {
  return registerAll(everywhere, value);
}

/**
 * Registers every text in a value that people wrote as such and that may be an ordinary word: `environment: production`. It is
 * hidden in what others say (errors, warnings), and not where a plan names an object or a declared field by the same word.
 * @returns the same value
 */
export function wordsIn<T>(value: T): T {
  return registerAll(inFreeText, value);
}

function registerAll<T>(store: Store, value: T): T {
  if (typeof value === "string") register(store, value);
  else if (typeof value === "object" && value !== null)
    for (const each of Object.values(value)) registerAll(store, each);
  return value;
}

function register({ known, secrets, starts }: Store, value: string): void {
  if (value.length < shortest || known.has(value)) return;
  known.add(value);
  for (const form of [value, Buffer.from(value).toString("base64"), JSON.stringify(value).slice(1, -1)]) {
    const start = form.slice(0, shortest);
    const alike = secrets.get(start) ?? new Map<number, Set<string>>();
    secrets.set(start, alike.set(form.length, (alike.get(form.length) ?? new Set()).add(form)));
    let hash = 0;
    for (let i = 0; i < shortest; i++) hash = next(hash, start.charCodeAt(i));
    starts[slotOf(hash)] = 1;
  }
}

/** A hash of the last six characters: each is shifted by 5 of 30 bits, so that the seventh is out. */
function next(hash: number, character: number): number {
  return ((hash << 5) ^ character) & 0x3fffffff;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 14)) & 0xffff;
}

/** Replaces every registered secret in `text` by `[redacted]`; of secrets that overlap no part survives. */
export function redact(text: string): string {
  return hide(text, [everywhere]);
}

/** As `redact`, and the words that people wrote as values: for what is not of our own making. */
export function redactFreeText(text: string): string {
  return hide(text, [everywhere, inFreeText]);
}

function hide(text: string, stores: readonly Store[]): string {
  let [out, copied, hiddenTo, hash] = ["", 0, 0, 0];
  for (let last = 0; last < text.length; last++) {
    hash = next(hash, text.charCodeAt(last));
    const at = last + 1 - shortest;
    const slot = slotOf(hash);
    if (at < 0 || stores.every(({ starts }) => starts[slot] === 0)) continue;
    const end = endOfSecret(stores, text, at);
    if (end <= hiddenTo) continue;
    if (at >= hiddenTo) out += `${text.slice(copied, at)}[redacted]`;
    copied = end;
    hiddenTo = end;
  }
  return out + text.slice(copied);
}

/** Where the longest secret that begins at `at` ends; 0 if none does. */
function endOfSecret(stores: readonly Store[], text: string, at: number): number {
  let end = 0;
  const start = text.slice(at, at + shortest);
  for (const { secrets } of stores) {
    for (const [length, forms] of secrets.get(start) ?? []) {
      if (at + length > end && forms.has(text.slice(at, at + length))) end = at + length;
    }
  }
  return end;
}
