import type { Random } from "./random.ts";
import { policy } from "./rules.ts";
import type { Branch, Tree } from "./tree.ts";
import { usually } from "./words.ts";

/** A policy in HCL, written in one of the ways that its grammar allows, or almost allows. */
export function hclPolicy(random: Random): string {
  const text = policy(random)
    .map((entry) => writeEntry(random, entry))
    .join(space(random, ["\n", " ", "", ", ", "\r\n"]));
  if (random.chance(0.03))
    return random.pick([" \n", "", "# nothing", "{}", `${text}\ncomment =`, `${text}\npath "x" =`]);
  return random.chance(0.06) ? `${comment(random)}${text}${comment(random)}` : text;
}

function writeEntry(random: Random, { key, labels, value }: Branch): string {
  const name = random.chance(0.05) ? `"${key}"` : key;
  const keys = [name, ...labels.map((label) => writeLabel(random, label))].join(space(random, [" ", " ", "\t"]));
  const text = writeValue(random, value);
  if (value.is === "block" && (labels.length > 0 || random.chance(0.5))) {
    return `${keys}${random.chance(labels.length > 0 ? 0.004 : 0.4) ? " = " : space(random)}${text}`;
  }
  return `${keys}${space(random)}${random.chance(0.004) ? random.pick([":", "", "=="]) : "="}${space(random)}${text}`;
}

function writeLabel(random: Random, label: string): string {
  if (random.chance(0.03))
    return random.pick(["a", "a*", "*", "true", "a.b-c", "ключ", "5", "<<E\na\nE\n", "é1", "'a'"]);
  return quoted(random, label);
}

function quoted(random: Random, body: string): string {
  return random.chance(0.004) ? random.pick([`"${body}`, `'${body}'`, body, `"${body}\n"`]) : `"${body}"`;
}

function writeValue(random: Random, value: Tree): string {
  if (value.is === "string") return random.chance(0.03) ? hereDocument(random, value.body) : quoted(random, value.body);
  if (value.is === "raw") return value.text;
  if (value.is === "block") return writeBlock(random, value.entries);
  return writeList(random, value.items);
}

function writeBlock(random: Random, entries: readonly Branch[]): string {
  const repeated = random.chance(0.01) ? [...entries, ...entries.slice(0, 1)] : entries;
  const inner = repeated
    .map((entry) => writeEntry(random, entry))
    .join(space(random, ["\n", "\n  ", " ", ",\n", ", "]));
  return `{${space(random)}${inner}${space(random)}}`;
}

function writeList(random: Random, items: readonly Tree[]): string {
  const separator = random.chance(0.03) ? random.pick([",,", " ", ";", "\n"]) : ",";
  const inner = items.map((item) => writeValue(random, item)).join(`${space(random)}${separator}${space(random)}`);
  const [first, last] = [random.chance(0.03) ? "," : "", random.chance(0.08) ? "," : ""];
  return `[${space(random)}${first}${inner}${last}${space(random)}]`;
}

function hereDocument(random: Random, body: string): string {
  const word = random.pick(["EOT", "E", "1A", "ÉOT", "_x", ""]);
  const dash = random.chance(0.4) ? "-" : "";
  const indent = random.pick(["", " ", "\t"]);
  const ending = random.chance(0.15) ? random.pick([" ", "x", "\r", ""]) : "";
  const lineBreak = random.chance(0.1) ? "\r\n" : "\n";
  const lines = random.chance(0.2) ? [] : [`${indent}${body}`];
  return [`<<${dash}${word}`, ...lines, `${indent}${word}${ending}`, ""].join(lineBreak);
}

function space(random: Random, choices: readonly string[] = [" ", " ", " ", "", "\n", "\t"]): string {
  return random.chance(0.01) ? `${random.pick(choices)}${comment(random)}` : random.pick(choices);
}

function comment(random: Random): string {
  return usually(
    random,
    ["# c\n", "// c\r\n", "/* c */", "/**/", '/* " \n */', "#\n", "# ☃ ${\n"],
    ["/ c\n", "/*/"],
    0.08,
  );
}
