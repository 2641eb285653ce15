import { hclPolicy } from "./hcl.ts";
import { jsonPolicy } from "./json.ts";
import { type Random, randomFrom } from "./random.ts";

/**
 * Generates policies by the grammar of HCL 1 and JSON: most are nearly right, so that each tests one or two rules of Vault's
 * parser.
 *
 * @returns texts that differ from each other, the same for the same seed
 */
export function policyTexts(count: number, seed: number): string[] {
  const random = randomFrom(seed);
  const texts = new Set<string>();
  while (texts.size < count) texts.add(policyText(random));
  return [...texts];
}

function policyText(random: Random): string {
  const text = random.chance(0.25) ? jsonPolicy(random) : hclPolicy(random);
  if (random.chance(0.01)) return Buffer.from(text).toString("base64");
  return random.chance(0.12) ? mutate(random, text) : text;
}

const characters = [
  ..."{}[],=:\"'\\$#/*+-._<>0159eExXdn \t\n\r\u00a0\0\ufeff\ue123\ufffdéк☃😀",
  ...["${", "/*", "*/", "//", "<<", '\\"', "true", "null", "=="],
];

/** Removes, inserts or replaces a character, or cuts the text off. */
function mutate(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  return random.pick([
    () => before + after.slice(1),
    () => before + random.pick(characters) + after,
    () => before + random.pick(characters) + after.slice(1),
    () => before,
  ])();
}
