import { formsOfParts, shortest } from "./util/secret-forms.ts";

type Store = {
  /** The registered values. Most are registered more than once, from the configuration and from Vault. */
  readonly known: Set<string>;
  /**
   * Every form of each secret, by its first characters and its length, so that the number of secrets does not slow a search. With the
   * number of times that it was added, since values of several lines may share a form.
   */
  readonly secrets: Map<string, Map<number, Map<string, number>>>;
  /** Marks the hashes of their first characters: one lookup rules out most positions in a text. */
  readonly starts: Uint8Array;
};

const newStore = (): Store => ({ known: new Set(), secrets: new Map(), starts: new Uint8Array(1 << 16) });
/** Secrets that no word of the program contains. Redacted in all output. */
const inOutput = newStore();
/** Secrets that may also be words of the program, such as `change`. Redacted in values and in free text. */
const inValues = newStore();
/** Ordinary words, redacted only in the words of Vault, Kubernetes or Node.js. */
const inFreeText = newStore();

/**
 * Registers a secret value, and its forms in base64, base64url, hex, JSON and URLs, so that no value and no text of another program can
 * show it (docs/adr/0025-redaction.md). So are the value without surrounding white space, and each of its lines. Call it as soon as the
 * value enters the process.
 *
 * @param value the secret in plain text; a value of less than 6 characters is ignored
 * @returns the same value
 */
export function secret<T extends string>(value: T): T {
  register(inValues, value);
  return value;
}

/** The newest last. */
const renewedSecrets: string[] = [];
/** How many of them can still be valid. */
const mostRenewed = 4;

/**
 * Registers a secret that is renewed again and again while the process runs, as a pod's token is. Forgets the oldest ones, which
 * have expired, so that a process that runs for months does not grow.
 */
export function renewedSecret(value: string): void {
  if (renewedSecrets.includes(value)) return;
  secret(value);
  renewedSecrets.push(value);
  if (renewedSecrets.length > mostRenewed) forget(inValues, renewedSecrets.shift() ?? "");
}

/** Registers every string in a value, also in nested lists and maps, as `secret` does. @returns the same value */
export function secretsIn<T>(value: T): T {
  return registerAll(inValues, value);
}

/**
 * Registers every string in a declared value that may be an ordinary word: `environment: production`. It is redacted in
 * errors and warnings, but not where a plan names an object or a field by the same word.
 *
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

function register(store: Store, value: string): void {
  if (value.length < shortest || store.known.has(value)) return;
  store.known.add(value);
  for (const [part, form] of formsOfParts(value)) add(storeOf(store, part, form), form);
}

/** A secret that no word of the program contains is redacted everywhere. */
function storeOf(store: Store, value: string, form: string): Store {
  return store === inValues && (isMachineMade(value) || isMachineMade(form)) ? inOutput : store;
}

function add({ secrets, starts }: Store, form: string): void {
  const start = form.slice(0, shortest);
  const alike = secrets.get(start) ?? new Map<number, Map<string, number>>();
  const forms = alike.get(form.length) ?? new Map<string, number>();
  secrets.set(start, alike.set(form.length, forms.set(form, (forms.get(form) ?? 0) + 1)));
  let hash = 0;
  for (let i = 0; i < shortest; i++) hash = next(hash, start.charCodeAt(i));
  starts[slotOf(hash)] = 1;
}

function forget(store: Store, value: string): void {
  store.known.delete(value);
  for (const [part, form] of formsOfParts(value)) drop(storeOf(store, part, form), form);
}

function drop({ secrets }: Store, form: string): void {
  const start = form.slice(0, shortest);
  const alike = secrets.get(start);
  const forms = alike?.get(form.length);
  const times = forms?.get(form) ?? 0;
  if (times > 1) forms?.set(form, times - 1);
  else forms?.delete(form);
  if (forms?.size === 0) alike?.delete(form.length);
  if (alike?.size === 0) secrets.delete(start);
}

/** From a small letter to a capital one, or between a letter and a digit. */
const change = /[a-z](?=[A-Z\d])|[A-Z](?=\d)|\d(?=[A-Za-z])/g;
/** No word in the program's messages has as many changes; test/unit/redact.test.ts checks that. */
const changesOfMachines = 5;

/** Whether a secret looks like a token, a key or a certificate, which cannot be a word of the program. */
export function isMachineMade(text: string): boolean {
  if (text.includes("\n")) return true;
  return text.split(/[^A-Za-z\d]+/).some((word) => (word.match(change) ?? []).length >= changesOfMachines);
}

/** Adds a character to a hash of the last six: each shifts by 5 of 30 bits, so the seventh drops out. */
function next(hash: number, character: number): number {
  return ((hash << 5) ^ character) & 0x3fffffff;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 14)) & 0xffff;
}

/**
 * For the program's own words, which may contain names and text that is redacted already: replaces only secrets that cannot be
 * such words. If a password is `change`, redacting it in "Vault cannot change it" would show it.
 */
export function redactOutput(text: string): string {
  return hide(text, [inOutput]);
}

/** For values: replaces every registered secret in `text` with `[redacted]`, also where secrets overlap. */
export function redact(text: string): string {
  return hide(text, [inOutput, inValues]);
}

/** As `redact`, for the strings in a value at any depth. The keys of maps are names, and stay. */
export function redactIn(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(redactIn);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, redactIn(each)]));
}

/**
 * Like `redact`, and also replaces the values of `wordsIn`. For text that others wrote, such as Vault's errors, before it
 * becomes part of a message.
 */
export function redactFreeText(text: string): string {
  return hide(text, [inOutput, inValues, inFreeText]);
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

/** Returns the end of the longest secret that begins at `at`, or 0. */
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
