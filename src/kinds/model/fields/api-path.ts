import { fieldOf, wrong } from "./field.ts";
import { stringType } from "./string.ts";

const unclean = /\/\/|(?:^|\/)\.{1,2}(?:\/|$)/;

/**
 * Whether a path of Vault's API has an empty segment, `.` or `..`. Vault refuses requests with such a path from 2.0.0, 1.21.5 and
 * 1.20.10 on.
 * @see https://developer.hashicorp.com/vault/docs/updates/important-changes
 */
export function isUnclean(path: string): boolean {
  return unclean.test(path);
}

/** A string that becomes a part of a request's path. */
export const apiPath = fieldOf(() => {
  const type = stringType({});
  return {
    ...type,
    name: "API path",
    check: (value) =>
      typeof value === "string" && isUnclean(value) ? wrong('no "//" and no segment "." or ".."') : type.check(value),
  };
});
