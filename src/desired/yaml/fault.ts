import type { YAMLException } from "js-yaml";

/** What the package calls a fault, by the beginning of its words, and what it means to whoever wrote the file. */
const faults: readonly (readonly [RegExp, string])[] = [
  [/^tab characters/, "a tab as indentation"],
  [/^deficient/, "a line with too little indentation, or after a quote or bracket that is not closed"],
  [/^bad indentation/, "a line with wrong indentation, or a text that needs quotes"],
  [/^unknown escape|^expected hexadecimal/, "an unknown escape in double quotes"],
  [/within a (single|double) quoted scalar$/, "a quote that is not closed"],
  [/within a flow collection$/, "a bracket that is not closed"],
  [/^missed comma/, "a missing comma between values in brackets"],
  [/^expected the node content/, "a comma too many"],
  [/^can not read a block mapping entry|^expected ':'/, "a key of several lines, or a line without a colon"],
  [/^a whitespace character is expected/, "a colon without a space after it"],
  [/^nesting exceeded/, "values too deep inside of each other"],
  [
    /^(name of an alias|name of an anchor|alias node)/,
    "an alias that is none; a text that begins with * or & needs quotes",
  ],
  [/tag/, "a tag that is none; a text that begins with ! needs quotes"],
  [/^the stream contains|^expected valid JSON|^null byte/, "a control character"],
  [/chomping|^bad explicit|^repeat of|^a line break is expected/, "a text after | or >, which begins on the next line"],
  [/directive|YAML version/i, "a line that begins with %, which needs quotes"],
  [/^end of the stream/, "something that does not belong there"],
];

/** In words of our own: the package's messages may repeat what stands there, which may be a secret. */
export function explainFault({ reason }: YAMLException): string {
  return faults.find(([pattern]) => pattern.test(reason))?.[1] ?? "something that is no YAML";
}
