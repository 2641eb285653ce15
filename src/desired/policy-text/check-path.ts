import { isUnclean } from "../../kinds/model/fields/api-path.ts";
import { referencesIn } from "../../kinds/model/reference.ts";
import type { Mistake } from "./mistake.ts";

/** Checks the wildcards in the path that a policy grants capabilities on. */
export function checkWildcards(path: string, offset: number): Mistake[] {
  const found = `path "${path}"`;
  if (path.includes("+*")) return [{ offset, found, expected: "+ or *, not +*" }];
  if (!path.slice(0, -1).includes("*")) return [];
  const expected = "* only at the end, since elsewhere it is an ordinary character; + matches one segment anywhere";
  return [{ offset, found, expected, isWarning: true }];
}

/** Warns of a path that no request can have. */
export function checkSegments(path: string, offset: number): Mistake[] {
  if (!isUnclean(path)) return [];
  const expected = 'no "//" and no segment "." or "..", since Vault refuses requests with them';
  return [{ offset, found: `path "${path}"`, expected, isWarning: true }];
}

/** Checks the templates in the path that a policy grants capabilities on. */
export function checkTemplates(path: string, offset: number): Mistake[] {
  return hasValidTemplates(path) ? [] : [{ offset, found: `path "${path}"`, expected: "one }} after each {{" }];
}

function hasValidTemplates(path: string): boolean {
  if (!path.includes("{{") && !path.includes("}}")) return true;
  // vault-hooks replaces its own references with ids before Vault sees the path
  const resolved = referencesIn(path).reduce((rest, reference) => rest.replaceAll(reference, "id"), path);
  const [before = "", ...pieces] = resolved.split("{{");
  return !before.includes("}}") && pieces.every((piece) => piece.split("}}").length === 2);
}
