import type { Origin } from "../kinds/model/kind.ts";
import { nearest } from "../util/nearest.ts";

/** One thing that is wrong in the configuration. */
export type Problem = {
  readonly at: Origin;
  /** The path in the file, "auth.demo.roles.role1.token_ttl"; empty for the file as a whole. */
  readonly path: string;
  /** The same, part by part. */
  readonly parts: Path;
  readonly found: string;
  readonly expected: string;
  readonly nearest?: string;
};

export type Path = readonly string[];

/**
 * @param candidates names that were perhaps meant by `word`
 */
export function problem(at: Origin, path: Path, found: string, expected: string, near?: [string, string[]]): Problem {
  const best = near === undefined ? undefined : nearest(...near);
  const base = { at, path: showPath(path), parts: path, found, expected };
  return best === undefined ? base : { ...base, nearest: best };
}

/** `auth.demo.roles.role1`; a name with other than ordinary characters is quoted. */
function showPath(path: Path): string {
  return path.map((part) => (/^[\w-]+$/.test(part) ? part : JSON.stringify(part))).join(".");
}

/** `auth.yaml:12:5: auth.demo.type: found "kubernets", expected one of ... Did you mean kubernetes?` */
export function describeProblem({ at, path, found, expected, nearest: near }: Problem): string {
  const subject = path === "" ? "" : `${path}: `;
  return `${showOrigin(at)}: ${subject}found ${found}, expected ${expected}${showMeant(near)}`;
}

/** The end of a sentence about a name that is none. @param near what was perhaps meant */
export function showMeant(near: string | undefined): string {
  return near === undefined ? "" : `; did you mean ${near}?`;
}

export function showOrigin({ file, line, column }: Origin): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}
