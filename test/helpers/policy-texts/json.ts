import type { Random } from "./random.ts";
import { policy } from "./rules.ts";
import type { Branch, Tree } from "./tree.ts";

/** A policy in JSON, or in what Vault reads as JSON. */
export function jsonPolicy(random: Random): string {
  const text = writeObject(random, policy(random));
  return random.chance(0.05) ? `${text}${random.pick(["}", " x", "\n{}", ",", '"'])}` : text;
}

function writeObject(random: Random, entries: readonly Branch[]): string {
  const repeated = random.chance(0.02) ? [...entries, ...entries.slice(0, 1)] : entries;
  const inner = repeated
    .map((entry) => writeEntry(random, entry))
    .join(random.chance(0.02) ? random.pick(["", ";", ",,"]) : ", ");
  return `{${inner}${random.chance(0.04) ? "," : ""}${random.chance(0.02) ? random.pick(["]", "", ")", "."]) : "}"}`;
}

/** Labels are the keys of objects within each other; some of these objects are in a list. */
function writeEntry(random: Random, { key, labels, value }: Branch): string {
  const text = labels.reduceRight(
    (inner, label) => wrap(random, `{${quoted(label)}: ${inner}}`),
    writeValue(random, value),
  );
  const mark = random.chance(0.01) ? random.pick(["=", "", ": ,"]) : ":";
  return `${random.chance(0.01) ? key : quoted(key)}${mark} ${text}`;
}

function wrap(random: Random, text: string): string {
  return random.chance(0.1) ? `[${text}]` : text;
}

function quoted(body: string): string {
  return `"${body}"`;
}

function writeValue(random: Random, value: Tree): string {
  if (value.is === "string") return quoted(value.body);
  if (value.is === "raw") return value.text;
  if (value.is === "block") return wrap(random, writeObject(random, value.entries));
  const [separator, last] = [random.chance(0.03) ? random.pick([",,", " "]) : ", ", random.chance(0.05) ? "," : ""];
  const end = random.chance(0.02) ? random.pick(["", "}", "]]"]) : "]";
  return `[${value.items.map((item) => writeValue(random, item)).join(separator)}${last}${end}`;
}
