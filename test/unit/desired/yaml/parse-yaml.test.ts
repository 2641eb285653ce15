import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import type { Problem } from "../../../../src/desired/problem.ts";
import { parseYaml } from "../../../../src/desired/yaml/parse-yaml.ts";
import type { Tree } from "../../../../src/desired/yaml/tree.ts";

/** The value of a file without mistakes. */
function read(text: string): unknown {
  const problems: Problem[] = [];
  const tree = parseYaml("a.yaml", text, problems);
  expect(problems).toEqual([]);
  return tree === undefined ? undefined : plain(tree);
}

function plain(tree: Tree): unknown {
  if (tree.is === "scalar") return tree.value;
  if (tree.is === "list") return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, plain(value)]));
}

function positionsIn(tree: Tree, name = ""): string[] {
  const here = `${name} ${tree.at.line}:${tree.at.column}`;
  if (tree.is === "scalar") return [here];
  if (tree.is === "list") return [here, ...tree.items.flatMap((item, i) => positionsIn(item, `${name}.${i}`))];
  return [
    here,
    ...[...tree.entries].flatMap(([key, { at, value }]) => [
      `${name}.${key} key ${at.line}:${at.column}`,
      ...positionsIn(value, `${name}.${key}`),
    ]),
  ];
}

function mistakesIn(text: string): string {
  const problems: Problem[] = [];
  parseYaml("a.yaml", text, problems);
  return problems.map(({ at, found }) => `${at.line}:${at.column} ${found}`).join("\n");
}

const scalar = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom(
    "",
    " ",
    "yes",
    "null",
    "~",
    "0o17",
    "- a",
    "a: b",
    "# no",
    "*x",
    "&x",
    "!x",
    "a\nb\n",
    "\ta",
    "<<",
    "'",
    '"',
  ),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const value = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("value"), { maxLength: 3 }), tie("map")),
  map: fc.dictionary(
    fc.string({ maxLength: 6 }).filter((key) => key !== "__proto__" && key !== "<<"),
    tie("value"),
    { maxKeys: 3 },
  ),
}));

describe("parseYaml", () => {
  it("returns the same values as the yaml package, for any value in any style", () => {
    fc.assert(
      fc.property(
        value.map,
        fc.constantFrom("BLOCK_FOLDED", "BLOCK_LITERAL", "PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE"),
        fc.constantFrom(true, false, "any" as const),
        (written, defaultStringType, flow) => {
          const inner = stringify(written, {
            defaultStringType,
            collectionStyle: flow === "any" ? "any" : flow ? "flow" : "block",
            defaultKeyType: "PLAIN",
          });
          const text = `x: 1\ny:\n  ${inner.trimEnd().replaceAll("\n", "\n  ")}\n`;

          expect(read(text)).toEqual(parse(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ...["0o17", "017", "0x1F", "0b1", "1_000", "+7", "-7", "12e3", "1.5", ".5", "5.", "1e-2", "0.1e1"],
    ...["yes", "no", "on", "true", "True", "tRUE", "false", "null", "Null", "~", "", "2001-01-01", "12:30:45", "1.2.3"],
    ...["'7'", '"true"', "!!str 7", '!!int "7"', '!!bool "true"', "! 7", '"\\u00e9\\n"', "'it''s'", "a#b", "a b # c"],
    ...[
      "|\n    a\n     b\n\n",
      ">-\n    a\n    b\n",
      "|2\n    a\n",
      "|+\n    a\n\n",
      "a\n    b\n\n    c",
      "{ a: , b }",
      "[a, [b], {c: d}]",
    ],
    ...["&x a", "&x", "!!str", "[&x 1, *x]", "? a\n  : b", "- a\n  - b", "{? a : b, c}", "[a: b]", "{<: {a: 1}, b: 2}"],
  ])("reads %j by YAML 1.2, as the yaml package does", (written) => {
    const text = `x: 1\ny: ${written.includes("? ") || written.startsWith("- ") ? `\n  ${written}` : written}\n`;

    expect(read(text)).toEqual(parse(text));
  });

  it("reads every key as a string, also those that look like numbers, booleans or null", () => {
    expect(read("1: a\ntrue: b\n~: c\n'': d\n")).toEqual({ "1": "a", true: "b", "~": "c", "": "d" });
  });

  it("reads -0 as 0, and a quoted << as an ordinary key", () => {
    for (const zero of ["-0", "-0.0", "!!int -0", "!!float -0"]) {
      expect(Object.is((read(`a: ${zero}\n`) as { a: number }).a, 0), zero).toBe(true);
    }
    expect(read("'<<': a\n")).toEqual({ "<<": "a" });
  });

  it("resolves an alias to the last anchor before it", () => {
    expect(read("a: &x {k: [1]}\nb: *x\nc: &x 2\nd: *x\n")).toEqual({ a: { k: [1] }, b: { k: [1] }, c: 2, d: 2 });
  });

  it.each(["", "\n", "# only a comment\n", "---\n", "\ufeff"])("returns undefined for the empty file %j", (text) => {
    expect(read(text)).toBeUndefined();
  });

  it("gives every key and value its line and column", () => {
    const text = [
      "# a comment\r",
      "plain: a\r",
      "quoted: 'b'",
      "block: |- # why",
      "",
      "  text",
      "list:",
      "  - &x 1",
      "  - *x",
      "  - {k: !!str 2}",
      "empty:",
      "",
    ].join("\n");
    const tree = parseYaml("a.yaml", text, []);

    expect(tree && positionsIn(tree)).toEqual([
      " 2:1",
      ...[".plain key 2:1", ".plain 2:8", ".quoted key 3:1", ".quoted 3:9", ".block key 4:1", ".block 4:8"],
      ...[".list key 7:1", ".list 8:3", ".list.0 8:8", ".list.1 8:8", ".list.2 10:5"],
      ...[".list.2.k key 10:6", ".list.2.k 10:15", ".empty key 11:1", ".empty 11:1"],
    ]);
  });
});

describe("parseYaml with invalid YAML", () => {
  it.each([
    ["a: 1\n\tb: 2\n", "2:1 a tab as indentation"],
    ["a: 1\n  b: 2\n", "2:4 wrong indentation, or a string that needs quotes"],
    ['a: "\\q"\n', "1:6 an unknown escape in double quotes"],
    ['a: "open\nb: 2\n', "2:1 too little indentation, or an unclosed quote or bracket above"],
    ["a: [1, 2\n", "2:1 too little indentation, or an unclosed quote or bracket above"],
    ["a: [1 2, {b c: d} e]\n", "1:19 a missing comma between values in brackets"],
    ["a: [,]\n", "1:5 an extra comma"],
    ["a: 1\nb\nc: 2\n", "3:2 a key of several lines, or a line without a colon"],
    ["a: *\n", "1:5 an invalid alias or anchor; a string that begins with * or & needs quotes"],
    ["a: @b\n", "1:4 wrong indentation, or a string that needs quotes"],
    ["a: b: c\n", "1:5 wrong indentation, or a string that needs quotes"],
    ["a: |x\n  b\n", "1:5 text after | or >; a block string begins on the next line"],
    ["a: \u0001\n", "1:4 a control character"],
    ["a: !!s{r x\n", "1:9 an invalid tag; a string that begins with ! needs quotes"],
    ["%YAML 2.0\n---\na: 1\n", "2:1 a line that begins with %, which needs quotes"],
    ["%TAG !! tag:x,2000:\n---\na: !!str 1\n", "1:1 a %TAG directive"],
    ["a: 1\n---\nb: 2\n", "3:1 several documents in one file"],
    ["a: 1\n---\n", "3:1 several documents in one file"],
    ["---\n# Source: a.yaml\n---\npolicies: {}\n", "4:1 several documents in one file"],
    ["? [a]\n: b\n", "1:3 a key that is not a string"],
    ["a: 1\na: 2\n", "2:1 a duplicate key"],
    ["a: 9007199254740993\n", "1:4 a number that cannot be stored exactly"],
    ["a: .inf\n", "1:4 a number that cannot be stored exactly"],
    ['a: "open', "1:9 an unclosed quote"],
    ["a: [1", "1:6 an unclosed bracket"],
    ["a: !!bool yes\n", "1:11 a value that is not a valid !!bool"],
    ["a: !!int ''\n", "1:10 a value that is not a valid !!int"],
    ["a: !!map [1]\n", "1:10 the tag !!map"],
    [`a: ${"[".repeat(200)}\n`, "1:103 values that are nested too deeply"],
  ])("reports %j as %j", (text, mistake) => {
    expect(mistakesIn(text)).toBe(mistake);
  });

  it.each([
    "a: !hunter2 x\n",
    "a: !<hunter2> x\n",
    "a: *hunter2\n",
    'a: "hunter2\n',
    "hunter2\na: b\n",
    "a: !hunter2{} x\n",
    "a: hunter2: hunter2\n",
  ])("does not quote the file, which may hold a secret: %j", (text) => {
    expect(mistakesIn(text)).toMatch(/^\d+:\d+ ./);
    expect(mistakesIn(text)).not.toContain("hunter2");
  });
});
