import { referencesIn } from "../../kinds/model/reference.ts";
import type { Mistake } from "./mistake.ts";

/** Checks wildcards and templates in the path that a policy grants capabilities on. */
export function checkPath(path: string, offset: number): Mistake[] {
  const mistake = (expected: string) => [{ offset, found: `path "${path}"`, expected }];
  const star = path.indexOf("*");
  if (star >= 0 && star < path.length - 1) return mistake("* only at the end; + matches one segment anywhere");
  if (path.includes("+*")) return mistake("+ or *, not +*");
  return hasValidTemplates(path) ? [] : mistake("one }} after each {{");
}

function hasValidTemplates(path: string): boolean {
  if (!path.includes("{{") && !path.includes("}}")) return true;
  // vault-hooks replaces its own references with ids before Vault sees the path
  const resolved = referencesIn(path).reduce((rest, reference) => rest.replaceAll(reference, "id"), path);
  const [before = "", ...pieces] = resolved.split("{{");
  return !before.includes("}}") && pieces.every((piece) => piece.split("}}").length === 2);
}
