import { decodeBase64 } from "../../util/base64.ts";
import { originsIn } from "../origin.ts";
import { unreadable } from "./decode/node.ts";
import type { Mistake } from "./mistake.ts";
import { parse } from "./syntax/parse.ts";
import { type Entry, type Key, type StringValue, SyntaxMistake, type Value } from "./syntax/tree.ts";

/**
 * Checks a text in HCL or JSON that Vault parses as it parses policies, such as a password policy. Vault takes it in base64 too.
 * @returns what Vault refuses, and what makes its request handler panic, with their lines
 */
export function checkHcl(text: string): (Mistake & { readonly line: number })[] {
  const decoded = decodeBase64(text) ?? text;
  const originIn = originsIn("", decoded);
  return mistakesIn(decoded).map((mistake) => ({ ...mistake, line: originIn(mistake.offset).line }));
}

function mistakesIn(text: string): Mistake[] {
  const mistakes: Mistake[] = [];
  try {
    const strings = parse(text, mistakes).flatMap(stringsOf);
    mistakes.push(...strings.filter(({ value }) => value === undefined).map(unreadable));
  } catch (error) {
    if (!(error instanceof SyntaxMistake)) throw error;
    mistakes.push({ offset: error.offset, found: error.message, expected: "HCL or JSON" });
  }
  return mistakes.filter(({ isWarning }) => !isWarning);
}

function stringsOf({ keys, value }: Entry): (Key | StringValue)[] {
  return [...keys, ...stringsIn(value)];
}

function stringsIn(value: Value): (Key | StringValue)[] {
  if (value.is === "string") return [value];
  if (value.is === "list") return value.items.flatMap(stringsIn);
  return value.is === "block" ? value.entries.flatMap(stringsOf) : [];
}
