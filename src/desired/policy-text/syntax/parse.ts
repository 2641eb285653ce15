import type { Mistake } from "../mistake.ts";
import { parseHcl } from "./hcl.ts";
import { flatten, parseJson } from "./json.ts";
import type { Entry } from "./tree.ts";

/**
 * Parses a policy in HCL 1 or JSON.
 * @param mistakes receives mistakes that do not end the parsing
 * @returns the entries of the text; in JSON as HCL has them
 * @throws SyntaxMistake if Vault cannot parse it
 */
export function parse(source: string, mistakes: Mistake[]): readonly Entry[] {
  return isJson(source) ? flatten(parseJson(source, mistakes)) : parseHcl(source, mistakes);
}

/** @returns whether the text is JSON and not HCL, as Vault decides it */
function isJson(source: string): boolean {
  return source.trimStart().startsWith("{");
}
