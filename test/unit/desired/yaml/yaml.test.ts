import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import type { Problem } from "../../../../src/desired/problem.ts";
import { parseYaml, type Tree } from "../../../../src/desired/yaml/tree.ts";

/** What a file says; another reader of YAML 1.2 is the reference. */
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

function placesIn(tree: Tree, name = ""): string[] {
  const here = `${name} ${tree.at.line}:${tree.at.column}`;
  if (tree.is === "scalar") return [here];
  if (tree.is === "list") return [here, ...tree.items.flatMap((item, i) => placesIn(item, `${name}.${i}`))];
  return [
    here,
    ...[...tree.entries].flatMap(([key, { at, value }]) => [
      `${name}.${key} key ${at.line}:${at.column}`,
      ...placesIn(value, `${name}.${key}`),
    ]),
  ];
}

function faultIn(text: string): string {
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

describe("reading YAML", () => {
  it("gives what another reader gives, whatever is written in whatever style", () => {
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
  ])("reads %j as YAML 1.2 has it", (written) => {
    const text = `x: 1\ny: ${written.includes("? ") || written.startsWith("- ") ? `\n  ${written}` : written}\n`;

    expect(read(text)).toEqual(parse(text));
  });

  it("takes names that look like something else for texts", () => {
    expect(read("1: a\ntrue: b\n~: c\n'': d\n")).toEqual({ "1": "a", true: "b", "~": "c", "": "d" });
  });

  it("takes -0 for 0, and << in quotes for a name", () => {
    for (const zero of ["-0", "-0.0", "!!int -0", "!!float -0"]) {
      expect(Object.is((read(`a: ${zero}\n`) as { a: number }).a, 0), zero).toBe(true);
    }
    expect(read("'<<': a\n")).toEqual({ "<<": "a" });
  });

  it("takes an alias for what it names, whatever is given that name later", () => {
    expect(read("a: &x {k: [1]}\nb: *x\nc: &x 2\nd: *x\n")).toEqual({ a: { k: [1] }, b: { k: [1] }, c: 2, d: 2 });
  });

  it.each(["", "\n", "# only a comment\n", "---\n", "\ufeff"])("finds nothing in %j", (text) => {
    expect(read(text)).toBeUndefined();
  });

  it("knows where everything stands", () => {
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

    expect(tree && placesIn(tree)).toEqual([
      " 2:1",
      ...[".plain key 2:1", ".plain 2:8", ".quoted key 3:1", ".quoted 3:9", ".block key 4:1", ".block 4:8"],
      ...[".list key 7:1", ".list 8:3", ".list.0 8:8", ".list.1 8:8", ".list.2 10:5"],
      ...[".list.2.k key 10:6", ".list.2.k 10:15", ".empty key 11:1", ".empty 11:1"],
    ]);
  });
});

describe("what is no YAML", () => {
  it.each([
    ["a: 1\n\tb: 2\n", "2:1 a tab as indentation"],
    ["a: 1\n  b: 2\n", "2:4 a line with wrong indentation, or a text that needs quotes"],
    ['a: "\\q"\n', "1:6 an unknown escape in double quotes"],
    ['a: "open\nb: 2\n', "2:1 a line with too little indentation, or after a quote or bracket that is not closed"],
    ["a: [1, 2\n", "2:1 a line with too little indentation, or after a quote or bracket that is not closed"],
    ["a: [1 2, {b c: d} e]\n", "1:19 a missing comma between values in brackets"],
    ["a: [,]\n", "1:5 a comma too many"],
    ["a: 1\nb\nc: 2\n", "3:2 a key of several lines, or a line without a colon"],
    ["a: *\n", "1:5 an alias that is none; a text that begins with * or & needs quotes"],
    ["a: @b\n", "1:4 a line with wrong indentation, or a text that needs quotes"],
    ["a: b: c\n", "1:5 a line with wrong indentation, or a text that needs quotes"],
    ["a: |x\n  b\n", "1:5 a text after | or >, which begins on the next line"],
    ["a: \u0001\n", "1:4 a control character"],
    ["a: !!s{r x\n", "1:9 a tag that is none; a text that begins with ! needs quotes"],
    ["%YAML 2.0\n---\na: 1\n", "2:1 a line that begins with %, which needs quotes"],
    ["%TAG !! tag:x,2000:\n---\na: !!str 1\n", "1:1 a %TAG directive"],
    ["a: 1\n---\nb: 2\n", "3:1 several documents in one file"],
    ["a: 1\n---\n", "3:1 several documents in one file"],
    ["---\n# Source: a.yaml\n---\npolicies: {}\n", "4:1 several documents in one file"],
    ["? [a]\n: b\n", "1:3 a key that is no text"],
    ["a: 1\na: 2\n", "2:1 a key that stands there twice"],
    ["a: 9007199254740993\n", "1:4 a number that is not exact"],
    ["a: .inf\n", "1:4 a number that is not exact"],
    ['a: "open', "1:9 a quote that is not closed"],
    ["a: [1", "1:6 a bracket that is not closed"],
    ["a: !!bool yes\n", "1:11 a text that is no !!bool"],
    ["a: !!int ''\n", "1:10 a text that is no !!int"],
    ["a: !!map [1]\n", "1:10 the tag !!map"],
    [`a: ${"[".repeat(200)}\n`, "1:103 values too deep inside of each other"],
  ])("%j is told as %j", (text, fault) => {
    expect(faultIn(text)).toBe(fault);
  });

  it.each([
    "a: !hunter2 x\n",
    "a: !<hunter2> x\n",
    "a: *hunter2\n",
    'a: "hunter2\n',
    "hunter2\na: b\n",
    "a: !hunter2{} x\n",
    "a: hunter2: hunter2\n",
  ])("is told without what stands there, which may be a secret: %j", (text) => {
    expect(faultIn(text)).toMatch(/^\d+:\d+ ./);
    expect(faultIn(text)).not.toContain("hunter2");
  });
});
