import type { Random } from "./random.ts";
import { type Branch, block, branch, list, raw, string, type Tree } from "./tree.ts";
import * as words from "./words.ts";
import { repeat, usually } from "./words.ts";

/** The entries of a policy: paths with rules, each of them right or with a typical mistake. */
export function policy(random: Random): Branch[] {
  return Array.from({ length: random.pick([1, 1, 1, 2]) }, () => outermost(random));
}

function outermost(random: Random): Branch {
  if (random.chance(0.05)) return branch("name", usually(random, [string("n"), raw("5")], [anyValue(random)]));
  if (random.chance(0.03)) return branch(random.pick(["pth", "Path", "PATH", "policy", "ключ"]), rulesOf(random), "a");
  const value = random.chance(0.01) ? anyValue(random) : rulesOf(random);
  const labels = Array.from({ length: usually(random, [1], [0, 2], 0.05) }, () => path(random));
  return branch("path", value, ...labels);
}

function path(random: Random): string {
  const plain = usually(random, words.paths, words.oddPaths, 0.25);
  return random.chance(0.08) ? `${plain}${anyEscape(random)}` : plain;
}

function anyEscape(random: Random): string {
  return usually(random, words.escapes, words.oddEscapes, 0.4);
}

function rulesOf(random: Random): Tree {
  const granting = random.chance(0.85) ? [branch("capabilities", capabilityList(random))] : [];
  if (random.chance(granting.length === 0 ? 0.5 : 0.05))
    granting.push(branch("policy", string(usually(random, words.olderForms, words.oddForms))));
  const others = distinct(
    random,
    repeat(random, 2, () => rule(random)),
    granting,
  );
  return block(random.chance(0.1) ? [...others, ...granting] : [...granting, ...others]);
}

/** Mostly without entries whose key is used already. */
function distinct(random: Random, entries: readonly Branch[], others: readonly Branch[] = []): Branch[] {
  const used = new Set(others.map(({ key }) => key));
  return entries.filter(({ key }) => random.chance(0.05) || used.size < used.add(key).size);
}

function capabilityList(random: Random): Tree {
  if (random.chance(0.02)) return anyValue(random);
  const one = () => usually(random, words.capabilities, words.oddCapabilities, 0.04);
  const items = repeat(random, 3, () => (random.chance(0.01) ? anyValue(random) : string(one())));
  return list(items);
}

function rule(random: Random): Branch {
  const key = usually(random, words.ruleKeys, random.chance(0.2) ? words.oddKeys : words.serverKeys, 0.12);
  if (random.chance(0.03)) return branch(key, anyValue(random), ...repeat(random, 1, () => random.pick(["x", "é"])));
  return branch(key, (makers[key] ?? anyValue)(random));
}

const makers: Readonly<Record<string, (random: Random) => Tree>> = {
  capabilities: capabilityList,
  policy: (random) => string(usually(random, words.olderForms, words.oddForms)),
  comment: anyValue,
  allowed_parameters: parameters,
  denied_parameters: parameters,
  required_parameters: strings,
  min_wrapping_ttl: duration,
  max_wrapping_ttl: duration,
  mfa_methods: strings,
  control_group: controlGroup,
  subscribe_event_types: strings,
  expiration: (random) => string(random.pick(words.times)),
  pagination_limit: number,
  list_scan_response_keys_filter_path: (random) => string(random.pick(words.keyFilters)),
};

function parameters(random: Random): Tree {
  const values = () => (random.chance(0.8) ? list(repeat(random, 2, () => scalar(random))) : anyValue(random));
  return block(
    distinct(
      random,
      repeat(random, 3, () => branch(random.pick(["b", "*", "B", "c"]), values())),
    ),
  );
}

function strings(random: Random): Tree {
  return list(repeat(random, 2, () => usually(random, [string("a"), string("*")], [anyValue(random)])));
}

function duration(random: Random): Tree {
  if (random.chance(0.5)) return string(usually(random, words.durations, words.oddDurations, 0.4));
  return random.chance(0.9) ? number(random) : anyValue(random);
}

function number(random: Random): Tree {
  const text = usually(random, words.integers, words.oddNumbers, 0.3);
  return random.chance(0.15) ? string(text) : raw(text);
}

function controlGroup(random: Random): Tree {
  const factors = repeat(random, 2, () => {
    const value = block([...some(random, 0.9, () => branch("identity", identity(random))), ...controlled(random)]);
    return branch("factor", value, ...(random.chance(0.95) ? [random.pick(["ops", "f"])] : []));
  });
  return block([...some(random, 0.4, () => branch(random.pick(["ttl", "TTL"]), duration(random))), ...factors]);
}

function identity(random: Random): Tree {
  const groups = some(random, 0.9, () => branch(random.pick(["group_names", "group_ids"]), strings(random)));
  const value = random.chance(0.2) ? number(random) : raw(random.pick(["1", "2"]));
  return block([...groups, ...some(random, 0.9, () => branch("approvals", value))]);
}

function controlled(random: Random): Branch[] {
  return some(random, 0.3, () => branch("controlled_capabilities", list([string(random.pick(words.capabilities))])));
}

function some<T>(random: Random, probability: number, make: () => T): T[] {
  return random.chance(probability) ? [make()] : [];
}

function scalar(random: Random): Tree {
  if (random.chance(0.4)) return number(random);
  if (random.chance(0.2)) return raw(random.pick(["true", "false", "null"]));
  return string(usually(random, ["x", "y z", "é"], [anyEscape(random), `\${ f("x") }`, "${x", "{", "$"], 0.2));
}

/** Any value, which may be of the wrong type where it stands. */
function anyValue(random: Random, depth = 0): Tree {
  if (depth > 2 || random.chance(0.5)) return scalar(random);
  const inner = () => anyValue(random, depth + 1);
  if (random.chance(0.5)) return list(repeat(random, 2, inner));
  return block(repeat(random, 2, () => branch(random.pick(["x", "y", "é"]), inner())));
}
