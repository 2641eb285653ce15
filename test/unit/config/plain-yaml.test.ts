import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readPlainYaml } from "../../../src/config/plain-yaml.ts";
import type { Problem } from "../../../src/config/problem.ts";
import { parseWholeYaml } from "../../../src/config/tree.ts";

/** What the fast reader makes of a text must be what the `yaml` package makes of it, with every place; or it declines. */
function seeSame(text: string): "read" | "declined" {
  const plain = readPlainYaml("a.yaml", text);
  if (plain === undefined) return "declined";
  const problems: Problem[] = [];
  expect({ tree: plain, problems: [] }).toEqual({ tree: parseWholeYaml("a.yaml", text, problems), problems });
  return "read";
}

const everyday = `# a comment
---
policies:
  dev: # behind a key
    hcl: |
      # not a comment of YAML
      path "kv/data/*" {

        capabilities = ["read"]
      }

  ops:
    file: policies/ops.hcl
auth:
  demo/mount:
    type: kubernetes
    roles:
      "role one":
        bound_service_account_names: [default, "two words", 'single']
        token_policies:
        - dev
        - ops # last
        token_ttl: 24h
        token_num_uses: 5
        token_no_default_policy: true
        bound_cidrs: [ 10.0.0.1, 10.1.0.0/16 ]
secrets:
  kv:
    description: Static secrets of the app, 100% of them
    options: {version: "2", nothing: {}}
    values:
      webapp/config:
        password: { generate: { length: 32 } }
        quoted: "a \\"quote\\" and a \\n"
        url: https://example.com:8200/#top
        last: |-
          without a line break
`;

describe("the fast reader of YAML", () => {
  it("reads everyday YAML as the yaml package does, to the column", () => {
    expect(seeSame(everyday)).toBe("read");
  });

  it.each(["audit", "auth", "policies", "secrets"])("reads the sample hooks/config/%s.yaml", (name) => {
    expect(seeSame(readFileSync(new URL(`../../../hooks/config/${name}.yaml`, import.meta.url), "utf8"))).toBe("read");
  });

  it.each([
    ["an anchor", "a: &x 1\nb: *x\n"],
    ["a tab", "a:\t1\n"],
    ["a key that stands there twice", "a: 1\na: 2\n"],
    ["a text over several lines", "a: one\n  two\n"],
    ["a folded text", "a: >\n  one\n"],
    ["a tag", "a: !!str 1\n"],
    ["null", "a: null\n"],
    ["a number in another base", "a: 0x1f\n"],
    ["a number above 2^53", "a: 9007199254740993\n"],
    ["a float", "a: 1.5\n"],
    ["nothing", "a:\n"],
    ["two documents", "a: 1\n---\nb: 2\n"],
    ["no line break at the end", "a: 1"],
    ["a nested list", "a:\n  - - 1\n"],
    ["an unclosed list", "a: [1, 2\n"],
    ["a mistake in indentation", "a:\n    b: 1\n  c: 2\n"],
  ])("leaves %s to the yaml package", (_what, text) => {
    expect(readPlainYaml("a.yaml", text)).toBeUndefined();
  });

  it("agrees with it, or declines, on whatever one change makes of everyday YAML", () => {
    const scrap = fc.constantFrom(
      ...[
        "",
        " ",
        "  ",
        "\n",
        "\n\n",
        "#",
        " #",
        ":",
        ": ",
        "-",
        "- ",
        "|",
        ">",
        '"',
        "'",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
      ],
      ...[
        "*",
        "&",
        "!",
        "%",
        "@",
        "?",
        "? ",
        "<<: ",
        "~",
        "null",
        "true",
        "0",
        ".5",
        "1e3",
        "é",
        "---\n",
        "...\n",
        "\u00a0",
      ],
    );
    const place = fc.nat(everyday.length);
    let read = 0;
    fc.assert(
      fc.property(place, fc.nat(3), scrap, place, scrap, (at, gone, put, at2, put2) => {
        const once = everyday.slice(0, at) + put + everyday.slice(at + gone);
        const twice = once.slice(0, at2) + put2 + once.slice(at2);
        if (seeSame(once) === "read") read++;
        seeSame(twice);
      }),
      { numRuns: 600 },
    );
    expect(read).toBeGreaterThan(100);
  });

  it("agrees with it, or declines, on any value written as YAML", () => {
    const options = fc.record({ indentSeq: fc.boolean(), collectionStyle: fc.constantFrom("any", "block", "flow") });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), options, (value, style) => {
        seeSame(stringify(value, { ...style, lineWidth: 0 } as object));
      }),
      { numRuns: 300 },
    );
  });
});
