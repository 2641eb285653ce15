import { describe, expect, it } from "vitest";
import { checkPolicy } from "../../../../src/desired/policy-text/check.ts";
import { desiredOf, mistakesIn } from "../desired.ts";

describe("checkPolicy", () => {
  it.each([
    ["blocks", 'path "kv/*" {\n  capabilities = ["read", "list"]\n}\npath "a/+/b" { capabilities = ["deny"] }'],
    ["comments of all kinds", '# one\n// two\n/* three\n */\npath "a" { capabilities = ["read"] # four\n}'],
    ["a trailing comma", 'path "a" { capabilities = ["read",] }'],
    ["the older form", 'path "a" { policy = "write" }'],
    [
      "parameters",
      'path "a" {\n capabilities = ["create"]\n allowed_parameters = { "b" = ["c"], "*" = [] }\n required_parameters = ["b"]\n min_wrapping_ttl = "1s"\n max_wrapping_ttl = 90\n}',
    ],
    ["a block for parameters", 'path "a" { capabilities = ["create"]\n denied_parameters { "b" = [] } }'],
    ["a here-document", 'path "a" {\n capabilities = ["read"]\n comment = <<EOT\nanything "at all\nEOT\n}'],
    ["JSON", '{"path": {"a": {"capabilities": ["read"]}, "b": {"policy": "read"}}}'],
    ["JSON with a list of paths", '{"path": [{"a": {"capabilities": ["read"]}}]}'],
    ["a path with a space and quotes", 'path "a \\"b\\" c" { capabilities = ["read"] }'],
    [
      "a reference that is replaced by an id",
      'path "a/{{identity.entity.aliases.{{accessor:auth/people}}.name}}/*" { policy = "read" }',
    ],
    ["only a comment", "# nothing yet"],
    ["a tab in a string", 'path "a" {\n capabilities = ["read"]\n comment = "one\ttwo"\n}'],
    [
      "an indented here-document with Windows line ends",
      'path "a" {\r\n policy = "read"\r\n comment = <<-EOT\r\n  x\r\n  EOT\r\n}\r\n',
    ],
  ])("accepts %s", (_, text) => {
    expect(checkPolicy(text)).toEqual([]);
  });

  it.each([
    ["an unknown capability", 'path "a" { capabilities = ["raed"] }', '"raed"', "read"],
    ["a capability that is not a string", 'path "a" { capabilities = [5] }', "a number"],
    ["capabilities that are not a list", 'path "a" { capabilities = "read" }', "a string"],
    ["a star in the middle", 'path "a/*/b" { capabilities = ["read"] }', 'path "a/*/b"'],
    ["a plus before a star", 'path "a/+*" { capabilities = ["read"] }', 'path "a/+*"'],
    ["no capabilities", 'path "a" { }', 'path "a" without capabilities'],
    ["an unknown key in a path", 'path "a" { capabilites = ["read"] }', "the unknown key capabilites", "capabilities"],
    ["an unknown key outside", 'pth "a" { capabilities = ["read"] }', "the unknown key pth", "path"],
    ["a duplicate key", 'path "a" { policy = "read"\n policy = "read" }', "a duplicate policy"],
    ["a bad duration", 'path "a" { policy = "read"\n min_wrapping_ttl = "soon" }', '"soon"'],
    ["a block that does not end", 'path "a" { policy = "read"', "the end"],
    ["an unclosed quote", 'path "a { policy = "read" }\n', "an unclosed quote"],
    ["an unclosed comment", "/* path", "an unclosed comment"],
    ["an unknown escape", 'path "\\q" { policy = "read" }', "an unknown escape"],
    ["a path without a label", 'path { policy = "read" }', "a path that is not a block"],
    ["text that is not HCL", "= = =", "="],
    ["an empty policy, which Vault refuses", " \n", "an empty policy"],
    ["a path with two labels", 'path "a" "b" { policy = "read" }', "a path that is not a block"],
    ["a here-document that does not end", 'path "a" { comment = <<EOT\nx\n}', '"<"'],
    ["parameters that are not a block", 'path "a" { policy = "read"\n allowed_parameters = ["b"] }', "a list"],
    ["an unknown word in the older form", 'path "a" { policy = "wirte" }', '"wirte"', "write"],
    ["a path in JSON that is not an object", '{"path": {"a": "read"}}', "a path that is not an object"],
    ["JSON that does not end", '{"path": {', "the end"],
    ["text after JSON, which Vault would not read", '{"path": {}} path', "path"],
    ["a comment in JSON", '{ // none\n"path": {}}', "a comment in JSON"],
    ["an invisible byte order mark", '\ufeffpath "a" { policy = "read" }', "the character U+FEFF"],
    ["an unclosed template", 'path "a/{{b}" { policy = "read" }', 'path "a/{{b}"'],
    [
      "a minimum wrapping TTL above the maximum",
      'path "a" { policy = "read"\n min_wrapping_ttl = 120\n max_wrapping_ttl = "1m" }',
      "max_wrapping_ttl below min_wrapping_ttl",
    ],
  ])("reports %s", (_, text, found, near?: string) => {
    const mistakes = checkPolicy(text);

    expect(mistakes.map((each) => each.found).join("\n")).toContain(found);
    if (near !== undefined) expect(mistakes[0]?.nearest).toBe(near);
  });

  it("returns the offset of a mistake, in HCL and in JSON", () => {
    const [hcl] = checkPolicy('path "a" {\n  capabilities = ["raed"]\n}');
    const [json] = checkPolicy('{"path": {"a": {"capabilities": ["raed"]}}}');

    expect(hcl?.offset).toBe(29);
    expect(json?.offset).toBe(33);
  });

  it("accepts with a warning, at its position, a policy that Vault accepts and that is probably not intended", () => {
    const duplicated = 'path "a" {\n  capabilities = ["read", "deny"]\n}\npath "/a" { policy = "read" }\n';
    const policies = '{ one: { file: one.hcl }, two: { hcl: \'path "b" { capabilities = ["deny", "list"] }\' } }';
    const inner = "{ team: { policies: { three: { file: three.hcl } } } }";

    const { items, warnings } = desiredOf({
      "a.yaml": `policies: ${policies}\nnamespaces: ${inner}\n`,
      "one.hcl": duplicated,
      "three.hcl": 'path "c" { capabilities = ["deny", "sudo"] }',
    });

    expect(items.map(({ path }) => path)).toContain("sys/policies/acl/one");
    const deny = "expected deny alone, because it overrides the others";
    expect(warnings.map((each) => each.text)).toEqual([
      `a.yaml:1:37: policies.two: found deny together with list (line 1 of the policy), ${deny}`,
      `one.hcl:2:18: policies.one: found deny together with read, ${deny}`,
      'one.hcl:4:6: policies.one: found a duplicate path "a", expected each path once, since Vault merges duplicates',
      `three.hcl:1:27: namespaces.team.policies.three: found deny together with sudo, ${deny}`,
    ]);
  });

  it("reports mistakes in a block of YAML at their own lines and columns", () => {
    const yaml = [
      "policies:",
      "  dev:",
      "    hcl: |",
      "",
      '      path "a" { capabilities = ["read"] }',
      '      path "b" { capabilities = ["raed"] }',
      "  folded:",
      "    hcl: >",
      '      path "c" { capabilities = ["raed"] }',
      "",
    ].join("\n");

    expect(mistakesIn(yaml)).toEqual([
      expect.stringMatching(/^a\.yaml:6:34: policies\.dev: found "raed", /),
      expect.stringMatching(/^a\.yaml:7:3: policies\.folded: found "raed" \(line 1 of the policy\), /),
    ]);
  });

  it("refuses values that are nested too deeply, instead of exhausting the stack", () => {
    const text = `path "a" { capabilities = ${"[".repeat(20_000)}`;

    expect(checkPolicy(text).map(({ found }) => found)).toEqual([expect.stringContaining("nested too deeply")]);
  });

  it("checks a policy of 1 MB within a second", () => {
    const text = Array.from(
      { length: 16_000 },
      (_, i) => `path "some/path/number/${i}" { capabilities = ["read"] }\n`,
    ).join("");
    const started = Date.now();

    const mistakes = checkPolicy(text);

    expect(text.length).toBeGreaterThan(900_000);
    expect(mistakes).toEqual([]);
    expect(Date.now() - started).toBeLessThan(1000);
  });
});
