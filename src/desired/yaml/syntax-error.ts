import type { YAMLException } from "js-yaml";

/** Error messages of js-yaml, recognised by words in them, with an explanation for the author of the file. */
const explanations: readonly (readonly [RegExp, string])[] = [
  [/^tab characters/, "a tab as indentation"],
  [/^deficient/, "too little indentation, or an unclosed quote or bracket above"],
  [/^bad indentation/, "wrong indentation, or a string that needs quotes"],
  [/^unknown escape|^expected hexadecimal/, "an unknown escape in double quotes"],
  [/within a (single|double) quoted scalar$/, "an unclosed quote"],
  [/within a flow collection$/, "an unclosed bracket"],
  [/^missed comma/, "a missing comma between values in brackets"],
  [/^expected the node content/, "an extra comma"],
  [/^can not read a block mapping entry|^expected ':'/, "a key of several lines, or a line without a colon"],
  [/^a whitespace character is expected/, "a colon without a space after it"],
  [/^nesting exceeded/, "values that are nested too deeply"],
  [
    /^(name of an alias|name of an anchor|alias node)/,
    "an invalid alias or anchor; a string that begins with * or & needs quotes",
  ],
  [/tag/, "an invalid tag; a string that begins with ! needs quotes"],
  [/^the stream contains|^expected valid JSON|^null byte/, "a control character"],
  [
    /chomping|^bad explicit|^repeat of|^a line break is expected/,
    "text after | or >; a block string begins on the next line",
  ],
  [/directive|YAML version/i, "a line that begins with %, which needs quotes"],
  [/^end of the stream/, "unexpected content"],
];

/** @returns the error in our own words, because the package's messages may quote the file, and so a secret */
export function explainSyntaxError({ reason }: YAMLException): string {
  return explanations.find(([pattern]) => pattern.test(reason))?.[1] ?? "invalid YAML";
}
