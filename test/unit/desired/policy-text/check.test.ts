import { describe, expect, it } from "vitest";
import { checkPolicy } from "../../../../src/desired/policy-text/check.ts";
import { accepted } from "../../../helpers/policy-texts/accepted.ts";
import { refused } from "../../../helpers/policy-texts/refused.ts";
import { warned } from "../../../helpers/policy-texts/warned.ts";
import { desiredOf, mistakesIn } from "../desired.ts";

const read = 'capabilities = ["read"]';

describe("checkPolicy", () => {
  it.each(accepted)("accepts %s", (_, text) => {
    expect(checkPolicy(text)).toEqual([]);
  });

  it.each(warned)("warns of %s, which Vault accepts", (_, text, found) => {
    expect(verdictOf(text)).toBe("warned");
    expect(foundIn(text)).toContain(found);
  });

  it.each(refused)("refuses %s", (_, text, found, nearest) => {
    expect(verdictOf(text)).toBe("refused");
    expect(foundIn(text)).toContain(found);
    if (nearest !== undefined) expect(checkPolicy(text)[0]?.nearest).toBe(nearest);
  });

  it("refuses an expiration on a day, or at an hour, that does not exist, as OpenBao does", () => {
    const until = (time: string) => `path "a" { ${read}\n expiration = "${time}" }`;

    expect(foundIn(until("2199-02-31T00:00:00Z"))).toEqual(expect.stringContaining("2199-02-31"));
    expect(foundIn(until("2199-01-01T24:00:00Z"))).toEqual(expect.stringContaining("24:00"));
    for (const time of ["2199-01-01T0:00:00Z", "2199-01-01T00:00:00,5+02:00"])
      expect(checkPolicy(until(time))).toEqual([]);
  });

  it("accepts a reference within a template, since it is replaced by an id before Vault sees it", () => {
    const text = `path "a/{{identity.entity.aliases.{{accessor:auth/people}}.name}}/*" { ${read} }`;

    expect(checkPolicy(text)).toEqual([]);
  });

  it("reports all mistakes of a policy at once", () => {
    const text = 'path "a/+*" {\n capabilities = ["raed"]\n foo = 1\n min_wrapping_ttl = "soon"\n}';

    expect(checkPolicy(text).map(({ found }) => found)).toEqual([
      "the unknown key foo",
      'path "a/+*"',
      '"raed"',
      '"soon"',
    ]);
  });

  it("returns the offset of a mistake, in HCL and in JSON", () => {
    const [hcl] = checkPolicy('path "a" {\n  capabilities = ["raed"]\n}');
    const [inJson] = checkPolicy('{"path": {"a": {"capabilities": ["raed"]}}}');

    expect(hcl?.offset).toBe(29);
    expect(inJson?.offset).toBe(33);
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

    expect(items.map((item) => item.path)).toContain("sys/policies/acl/one");
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

  it.each([
    ["lists in HCL", `path "a" { capabilities = ${"[".repeat(20_000)}`],
    ["blocks in HCL", 'path "a" {'.repeat(20_000)],
    ["objects in JSON", '{"a":'.repeat(20_000)],
  ])("refuses %s that are nested too deeply, instead of exhausting the stack", (_, text) => {
    expect(checkPolicy(text).map(({ found }) => found)).toEqual([expect.stringContaining("nested too deeply")]);
  });

  it("checks a policy of 1 MB", () => {
    const text = Array.from({ length: 16_000 }, (_, i) => `path "some/path/number/${i}" { ${read} }\n`).join("");
    expect(text.length).toBeGreaterThan(900_000);

    expect(checkPolicy(text)).toEqual([]);
  }, 60_000);
});

function verdictOf(text: string): "refused" | "warned" | "accepted" {
  const mistakes = checkPolicy(text);
  if (mistakes.some(({ isWarning }) => !isWarning)) return "refused";
  return mistakes.length > 0 ? "warned" : "accepted";
}

function foundIn(text: string): string {
  return checkPolicy(text)
    .map(({ found }) => found)
    .join("\n");
}
