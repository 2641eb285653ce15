import type { Origin } from "../kinds/model/kind.ts";
import { redact } from "../redact.ts";
import { nearest } from "../util/nearest.ts";

/** One mistake in the configuration. */
export type Problem = {
  readonly at: Origin;
  /** The path in the file, "auth.demo.roles.role1.token_ttl"; empty for the file as a whole. */
  readonly path: string;
  /** The same path as a list. */
  readonly parts: Path;
  readonly found: Found;
  readonly expected: string;
  /** The valid name nearest to the one that was found. */
  readonly nearest?: string;
};

/** In words, or the declared value. A value may be the same as a secret elsewhere. */
export type Found = string | { readonly value: string | number | boolean };

export type Path = readonly string[];

/** What can be applied, and is probably not meant. `text` begins with the position. */
export type Warning = { readonly at: Origin; readonly text: string };

/** @param near the name that was found, and the valid names from which to suggest the nearest */
export function problem(at: Origin, path: Path, found: Found, expected: string, near?: [string, string[]]): Problem {
  const best = near === undefined ? undefined : nearest(...near);
  const base = { at, path: showPath(path), parts: path, found, expected };
  return best === undefined ? base : { ...base, nearest: best };
}

/** `auth.demo.roles.role1`; a name with unusual characters is quoted. */
function showPath(path: Path): string {
  return path.map((part) => (/^[\w-]+$/.test(part) ? part : JSON.stringify(part))).join(".");
}

/** `auth.yaml:12:5: auth.demo.type: found the string "kubernets", expected one of ...; did you mean kubernetes?` */
export function describeProblem({ at, path, found, expected, nearest: near }: Problem): string {
  const subject = path === "" ? "" : `${path}: `;
  return `${showOrigin(at)}: ${subject}found ${showFound(found)}, expected ${expected}${suggest(near)}`;
}

/** Redacts only now, when every secret of the configuration is registered. */
function showFound(found: Found): string {
  if (typeof found === "string") return found;
  const shown = redact(String(found.value));
  if (typeof found.value !== "string") return shown;
  return `the string ${JSON.stringify(shown.length > 60 ? `${shown.slice(0, 57)}...` : shown)}`;
}

/** The end of a sentence about an unknown name: `; did you mean kubernetes?`, or nothing. */
export function suggest(near: string | undefined): string {
  return near === undefined ? "" : `; did you mean ${near}?`;
}

/** `auth.yaml:12:5`; the file alone where the line is 0. */
export function showOrigin({ file, line, column }: Origin): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}
