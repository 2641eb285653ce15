import { ConfigError } from "./errors.ts";
import { parseDuration } from "./util/duration.ts";

/** One setting, as a flag and as an environment variable. */
export type Setting<T> = {
  readonly describe: string;
  /** The string that counts where none is given. */
  readonly default: string | undefined;
  /**
   * @param source the flag or variable that the string is from, for the error
   * @throws ConfigError if the string is not valid
   */
  readonly parse: (text: string | undefined, source: string) => T;
};

/** How a string becomes a value. */
type SettingType<T> = {
  /** Completes the sentence `found "soon", expected ...`. */
  readonly expected: string;
  /** Returns undefined if the string is not valid. */
  readonly parse: (text: string) => T | undefined;
};

export function withDefault<T>(describe: string, type: SettingType<T>, fallback: string): Setting<T> {
  return { describe, default: fallback, parse: (text, source) => parse(type, text ?? fallback, source) };
}

export function optional<T>(describe: string, type: SettingType<T>): Setting<T | undefined> {
  return {
    describe,
    default: undefined,
    parse: (text, source) => (text === undefined ? undefined : parse(type, text, source)),
  };
}

function parse<T>({ parse, expected }: SettingType<T>, text: string, source: string): T {
  const value = parse(text);
  if (value === undefined) throw new ConfigError(`${source}: found "${text}", expected ${expected}`);
  return value;
}

export const kubernetesName = matching(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, "a Kubernetes name");
export const path = matching(/./, "a path");

export type NamespacedName = { readonly namespace: string; readonly name: string };

export const namespacedName: SettingType<NamespacedName> = {
  expected: "NAMESPACE/NAME",
  parse(text) {
    const [namespace, name, ...more] = text.split("/").map(kubernetesName.parse);
    return namespace === undefined || name === undefined || more.length > 0 ? undefined : { namespace, name };
  },
};

/** Where a server listens. Without a host it listens on every address, IPv4 and IPv6. */
export type ListenAddress = { readonly host: string | undefined; readonly port: number };

export const listenAddress: SettingType<ListenAddress> = {
  expected: "an address like :8080, 127.0.0.1:8080 or [::1]:8080",
  parse(text) {
    const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:]+)\]|([^:[\]\s/]*)):(\d{1,5})$/i.exec(text) ?? [];
    const port = Number(digits);
    return digits !== undefined && port <= 65_535 ? { host: bracketed || plain || undefined, port } : undefined;
  },
};

/** A longer wait helps nobody, and timers of Node.js overflow at 24.8 days, so the run would end at once. */
const longestMs = 24 * 3_600_000;

/** In milliseconds. */
export const duration: SettingType<number> = {
  expected: "a duration like 90s, 5m or 1h30m, of at most 24h",
  parse(text) {
    const ms = parseDuration(text) ?? 0;
    return ms > 0 && ms <= longestMs ? ms : undefined;
  },
};

export function wholeNumber(least: number, most: number): SettingType<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    parse(text) {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

export function oneOf<const Word extends string>(...words: readonly Word[]): SettingType<Word> {
  return { expected: words.join(" or "), parse: (text) => words.find((word) => word === text) };
}

export const boolean: SettingType<boolean> = {
  expected: "true or false",
  parse: (text) => ({ true: true, false: false })[text],
};

/** Separated by commas; an empty string is an empty list. */
export function listOf<T>({ expected, parse }: SettingType<T>): SettingType<readonly T[]> {
  return {
    expected: `a list like ${expected},${expected}`,
    parse(text) {
      const values = text === "" ? [] : text.split(",").map((each) => parse(each.trim()));
      const valid = values.filter((value) => value !== undefined);
      return valid.length === values.length ? valid : undefined;
    },
  };
}

/** @param placeholders parts of the string that stand for parts of the host name */
export function url(pattern: RegExp, expected: string, placeholders = /$^/g): SettingType<string> {
  const isUrl = (text: string) => pattern.test(text) && URL.canParse(text.replaceAll(placeholders, "0"));
  return { expected, parse: (text) => (isUrl(text) ? text : undefined) };
}

function matching(pattern: RegExp, expected: string): SettingType<string> {
  return { expected, parse: (text) => (pattern.test(text) ? text : undefined) };
}
