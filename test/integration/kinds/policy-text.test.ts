import { describe, expect, it } from "vitest";
import { checkPolicy } from "../../../src/desired/policy-text/check.ts";
import { useKindServer } from "./harness/fixture.ts";

const read = 'capabilities = ["read"]';
const limits = (least: unknown, most: unknown) => `min_wrapping_ttl = ${least}\n max_wrapping_ttl = ${most}`;
const json = (rules: string) => `{"path": {"a": {${rules}}}}`;

const refused = [
  ["a template that does not end", `path "a/{{identity.entity.id" { ${read} }`],
  ["a template that does not begin", `path "a/identity.entity.id}}" { ${read} }`],
  ["a template that ends twice", `path "a/{{b}}}}" { ${read} }`],
  ["min_wrapping_ttl above max_wrapping_ttl", `path "a" { ${read}\n ${limits('"2m"', '"60"')} }`],
  ["an allowed parameter whose value is not a list", `path "a" { ${read}\n allowed_parameters = { "b" = "c" } }`],
  ["a denied parameter whose value is not a list", `path "a" { ${read}\n denied_parameters { "b" = 5 } }`],
  ["a list instead of a parameter's name", `path "a" { ${read}\n required_parameters = [["b"]] }`],
  ["a byte order mark", `\ufeffpath "a" { ${read} }`],
  ["a non-breaking space", `path "a" {\u00a0${read} }`],
  ["an equals sign between label and block", `path "a" = { ${read} }`],
  ["a block of paths", `path { "a" { ${read} } }`],
  ["paths in an assignment", `path = { "a" = { ${read} } }`],
  ["a colon outside of JSON", `path "a" { capabilities: ["read"] }`],
  ["a JSON escape", `path "a" { ${read}\n comment = "\\/" }`],
  ["a name that is a block", `name "b" { }\npath "a" { ${read} }`],
  ["a comment in JSON", `{\n# c\n"path": {"a": {"capabilities": ["read"]}}}`],
  ["a line comment in JSON", `{\n// c\n"path": {"a": {"capabilities": ["read"]}}}`],
  ["an assignment in JSON", json('"capabilities" = ["read"]')],
  ["a key without quotes in JSON", json('capabilities: ["read"]')],
  ["an escape in JSON that Vault does not support", json('"policy": "read", "comment": "\\/"')],
  ["an empty list of paths in JSON", '{"path": []}'],
] as const;

const accepted = [
  ["templates", `path "a/{{identity.entity.id}}/{{{b}}}/{c}" { ${read} }`],
  ["no maximum", `path "a" { ${read}\n ${limits(120, 0)} }`],
  ["equal limits", `path "a" { ${read}\n ${limits('"1m"', 60)} }`],
  ["limits of a denied path", `path "a" { policy = "deny"\n ${limits(120, 60)} }`],
  ["a block as a parameter's values", `path "a" { ${read}\n denied_parameters { "b" { c = "d" } } }`],
  ["Go's escapes", `path "a" { ${read}\n comment = "\\x41\\u00e4\\U0001F600\\101\\a\\v" }`],
  ["a comment that is a number", `path "a" { ${read}\n comment = 5 }`],
  ["JSON with escapes and trailing commas", json('"capabilities": ["read",], "comment": "\\u00e4\\n",')],
  ["JSON without paths", '{"path": {}}'],
] as const;

const warned = [
  ["deny beside other capabilities", `path "a" { capabilities = ["read", "deny"] }`],
  ["a path twice", `path "a" { ${read} }\npath "/a" { capabilities = ["list"] }`],
  ["a path twice in JSON", '{"path": [{"a": {"policy": "read"}}, {"a": {"policy": "write"}}]}'],
] as const;

describe.each(["vault", "bao"] as const)("checkPolicy agrees with %s", (kind) => {
  const server = useKindServer(kind);

  const write = (policy: string) => server.vault.write("sys/policies/acl/checked", { policy });
  const warnings = (text: string) => checkPolicy(text).map((mistake) => mistake.isWarning ?? false);

  it.each(refused)("on a policy that is rejected: %s", async (_, text) => {
    await expect(write(text)).rejects.toThrow("failed to parse policy");
    expect(warnings(text)).toEqual([false]);
  });

  it.each(accepted)("on a policy that is accepted: %s", async (_, text) => {
    await expect(write(text)).resolves.toBeUndefined();
    expect(warnings(text)).toEqual([]);
  });

  it.each(warned)("and warns about a policy that is accepted: %s", async (_, text) => {
    await expect(write(text)).resolves.toBeUndefined();
    expect(warnings(text)).toEqual([true]);
  });
});
