import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { additions, differences } from "../../../../src/kinds/model/compare.ts";
import { normalisePolicy } from "../../../../src/kinds/model/fields/policy-text.ts";
import {
  base64String,
  bool,
  cidrs,
  duration,
  int,
  list,
  map,
  numberLists,
  policyText,
  string,
} from "../../../../src/kinds/model/spec.ts";

describe("two ways to write one value are no difference", () => {
  it.each([
    ["hours and seconds", duration(""), "24h", 86_400],
    ["minutes in Go's way", duration(""), "1h30m", "5400s"],
    ["days and hours", duration(""), "2d", "48h"],
    ["what is below a second, which Vault drops", duration(""), "1500ms", 1],
    ["no duration and zero", duration(""), 0, null],
    ["a list and a text with commas", list(""), "b, a", ["a", "b"]],
    ["a list in another order", list(""), ["b", "a"], ["a", "b"]],
    ["an empty list and nothing", list(""), [], null],
    ["upper case where Vault stores lower", list("", { lower: true }), ["Dev"], ["dev"]],
    ["an address and its network of one", cidrs(""), ["10.0.0.1/32", "::1/128"], ["10.0.0.1", "::1"]],
    ["IPv6 in any form", cidrs(""), ["2001:DB8:0::/32", "2001:0db8::0:1/128"], "2001:db8::/32,2001:db8::1"],
    ["a template and its base64", base64String(""), "eyJhIjogMX0K", '{"a": 1}'],
    ["no size and the one that Vault chose", int("", { zeroIs: [2048, 256] }), 0, 2048],
    ["one number and a list of it", numberLists(""), { rsa: 2048, ec: "256,384" }, { rsa: [2048], ec: [256, 384] }],
    ["a number and a text", int(""), 5, "5"],
    ["a truth value and a text", bool(""), true, "true"],
    ["false and nothing", bool(""), false, undefined],
    ["a line break at the end of a text", string(""), "PEM\n", "PEM"],
    ["more keys than ours in a map", map("", { partial: true }), { version: "2" }, { version: "2", other: "x" }],
  ])("%s", (_, field, desired, live) => {
    expect(differences({ field }, { field: desired }, { field: live })).toEqual([]);
  });
});

describe("differences", () => {
  it.each([
    ["another duration", duration(""), "24h", 60],
    ["one policy fewer", list(""), ["a"], ["a", "b"]],
    ["another network", cidrs(""), ["10.0.0.0/24"], ["10.0.0.0/16"]],
    ["another network of IPv6", cidrs(""), ["2001:db8::/32"], ["2001:db8::/48"]],
    ["a template in another base64", base64String(""), "eyJhIjogMX0K", '{"a": 2}'],
    ["a text of base64 where it is no template", string(""), "eyJhIjogMX0K", '{"a": 1}'],
    ["another size than Vault chose", int("", { zeroIs: [2048, 256] }), 4096, 2048],
    ["no size, and one that Vault did not choose", int("", { zeroIs: [2048, 256] }), 0, 4096],
    ["another list of numbers", numberLists(""), { rsa: 2048 }, { rsa: [2048, 4096] }],
    ["another case where it counts", string(""), "A", "a"],
    ["another key in a map", map(""), { a: "b" }, { a: "b", c: "d" }],
    ["zero where Vault has no number", int(""), 0, undefined],
    ["a policy's comment", policyText(""), "# a", "# b"],
    ["a key of ours that is missing", map("", { partial: true }), { version: "2" }, null],
    ["another value of our key", map("", { partial: true }), { a: "b" }, { a: "c" }],
  ])("show %s", (_, field, desired, live) => {
    expect(differences({ field }, { field: desired }, { field: live })).toHaveLength(1);
  });

  it("show neither value of a secret field, and nothing of one that Vault does not tell", () => {
    const fields = { a: string("", { secret: true }), b: string("", { writeOnly: true }) };

    const changed = differences(fields, { a: "new-secret", b: "other-secret" }, { a: "old-secret" });

    expect(changed).toEqual([{ field: "a", secret: true, note: "differs" }]);
    expect(JSON.stringify(additions(fields, { a: "new-secret", b: "other-secret" }))).not.toContain("-secret");
  });

  it("do not show what nobody declared", () => {
    expect(differences({ a: string("") }, {}, { a: "something", b: 5 })).toEqual([]);
  });

  it("of any value with itself are none", () => {
    const field = fc.constantFrom(duration(""), list(""), int(""), bool(""), string(""), map(""));
    fc.assert(
      fc.property(field, fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string())), (each, value) => {
        expect(differences({ each }, { each: value }, { each: value })).toEqual([]);
      }),
    );
  });
});

describe("a policy's text", () => {
  it("does not count blanks, but counts those in quotes", () => {
    const tidy = normalisePolicy('path "a b" {\n  capabilities = ["read"]\n}\n');

    expect(normalisePolicy('path  "a b"  {\r\n\r\n\tcapabilities   = ["read"]\r\n}')).toBe(tidy);
    expect(normalisePolicy('path "a  b" {\n  capabilities = ["read"]\n}\n')).not.toBe(tidy);
  });
});
