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
  jsonText,
  list,
  map,
  numberLists,
  policyText,
  string,
} from "../../../../src/kinds/model/spec.ts";

describe("differences reports no difference between", () => {
  it.each([
    ["24h and 86400", duration(""), "24h", 86_400],
    ["1h30m and 5400s", duration(""), "1h30m", "5400s"],
    ["days and hours", duration(""), "2d", "48h"],
    ["a fraction of a second and none, since Vault drops fractions", duration(""), "1500ms", 1],
    ["microseconds and none", duration(""), "500us", 0],
    ["a duration with a sign", duration(""), "+5s", 5],
    ["an unset duration and 0", duration(""), 0, null],
    ["a list and a string with commas", list(""), "b, a", ["a", "b"]],
    ["two orders of a list", list(""), ["b", "a"], ["a", "b"]],
    ["an empty list and null", list(""), [], null],
    ["upper and lower case, if Vault stores lower case", list("", { lower: true }), ["Dev"], ["dev"]],
    ["an IP address and its CIDR block of one", cidrs(""), ["10.0.0.1/32", "::1/128"], ["10.0.0.1", "::1"]],
    ["two notations of IPv6", cidrs(""), ["2001:DB8:0::/32", "2001:0db8::0:1/128"], "2001:db8::/32,2001:db8::1"],
    ["a template and its base64 form", base64String(""), "eyJhIjogMX0K", '{"a": 1}'],
    ["a policy in base64, on two lines, and its text", policyText(""), "IyBh\nCg==\n", "# a\n"],
    ["key size 0 and the size that Vault chose", int("", { zeroIs: [2048, 256] }), 0, 2048],
    [
      "a number and a list of that number",
      numberLists(""),
      { rsa: 2048, ec: "256,384" },
      { rsa: [2048], ec: [256, 384] },
    ],
    ["a number and its digits", int(""), 5, "5"],
    ["a boolean and its string", bool(""), true, "true"],
    ["false and an unset boolean", bool(""), false, undefined],
    ["a string and the string with a line break at its end", string(""), "PEM\n", "PEM"],
    [
      "a partial map and a map with more keys",
      map("", { partial: true }),
      { version: "2" },
      { version: "2", other: "x" },
    ],
  ])("%s", (_, field, desired, live) => {
    expect(differences({ field }, { field: desired }, { field: live })).toEqual([]);
  });
});

describe("differences reports", () => {
  it.each([
    ["another duration", duration(""), "24h", 60],
    ["a removed element of a list", list(""), ["a"], ["a", "b"]],
    ["another CIDR block", cidrs(""), ["10.0.0.0/24"], ["10.0.0.0/16"]],
    ["another CIDR block of IPv6", cidrs(""), ["2001:db8::/32"], ["2001:db8::/48"]],
    ["a template other than the decoded one", base64String(""), "eyJhIjogMX0K", '{"a": 2}'],
    ["base64 of an ordinary string, which is not decoded", string(""), "eyJhIjogMX0K", '{"a": 1}'],
    ["a key size other than Vault's", int("", { zeroIs: [2048, 256] }), 4096, 2048],
    ["key size 0, if Vault would not choose the live size", int("", { zeroIs: [2048, 256] }), 0, 4096],
    ["another list of numbers", numberLists(""), { rsa: 2048 }, { rsa: [2048, 4096] }],
    ["another case, if case counts", string(""), "A", "a"],
    ["another key in a map", map(""), { a: "b" }, { a: "b", c: "d" }],
    ["0, if Vault has no number", int(""), 0, undefined],
    ["another comment in a policy", policyText(""), "# a", "# b"],
    ["a missing key of a partial map", map("", { partial: true }), { version: "2" }, null],
    ["another value in a partial map", map("", { partial: true }), { a: "b" }, { a: "c" }],
  ])("%s", (_, field, desired, live) => {
    expect(differences({ field }, { field: desired }, { field: live })).toHaveLength(1);
  });

  it.each([
    ["its flag is false", {}, "planted-value", { a_set: false }, true],
    ["its flag is true", {}, "planted-value", { a_set: true }, false],
    ["there is no flag", {}, "planted-value", {}, false],
    ["it is declared empty", {}, "", { a_set: false }, false],
    ["it cannot be written again", { createOnly: true }, "planted-value", { a_set: false }, false],
    ["Vault returns no key of its JSON", { returnedKey: "id" }, '{"id":"planted-id"}', { other: 1 }, true],
    ["Vault returns the key of its JSON", { returnedKey: "id" }, '{"id":"planted-id"}', { id: "rotated" }, false],
    ["its JSON has no such key", { returnedKey: "id" }, '{"other":"planted-id"}', {}, false],
    ["it is not JSON", { returnedKey: "id" }, "planted-value", {}, false],
  ])("a write-only field that Vault has lost, where %s", (_, meaning, value, live, isLost) => {
    const field = string("", { writeOnly: true, ...meaning });

    const changed = differences({ a: field }, { a: value }, live);

    expect(changed).toEqual(isLost ? [{ field: "a", secret: true, writeOnly: true, note: "missing in Vault" }] : []);
  });

  it("neither value of a secret field, and no write-only field", () => {
    const fields = { a: string("", { secret: true }), b: string("", { writeOnly: true }) };

    const changed = differences(fields, { a: "new-secret", b: "other-secret" }, { a: "old-secret" });

    expect(changed).toEqual([{ field: "a", secret: true, note: "differs" }]);
    expect(JSON.stringify(additions(fields, { a: "new-secret", b: "other-secret" }))).not.toContain("-secret");
  });

  it("no field that is not declared", () => {
    expect(differences({ a: string("") }, {}, { a: "something", b: 5 })).toEqual([]);
  });

  it("nothing for a value and itself, whatever the type", () => {
    const field = fc.constantFrom(duration(""), list(""), int(""), bool(""), string(""), map(""));
    fc.assert(
      fc.property(field, fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string())), (each, value) => {
        expect(differences({ each }, { each: value }, { each: value })).toEqual([]);
      }),
    );
  });
});

describe("differences of JSON that Vault takes as a string", () => {
  const fields = { document: jsonText("a document") };

  it.each([
    ["a string and its parsed value", '{"a": [1]}', { a: [1] }],
    ["two strings that differ in blanks", '{"a": 1}', '{ "a" : 1 }'],
    ["an empty string and an unset field", "", undefined],
  ])("are none: %s", (_, desired, live) => {
    const changed = differences(fields, { document: desired }, { document: live });

    expect(changed).toEqual([]);
  });

  it("compare parsed values, and strings that are not JSON as they are", () => {
    const changed = [
      ...differences(fields, { document: { a: 1 } }, { document: '{"a": 2}' }),
      ...differences(fields, { document: "some rules" }, { document: "other rules" }),
    ];

    expect(changed.map(({ field }) => field)).toEqual(["document", "document"]);
  });
});

describe("differences of partial JSON", () => {
  const fields = { hosts: jsonText("permissions by host", { partial: true }) };

  it("ignore keys that Vault added at any depth", () => {
    const live = { hosts: { "/": { write: ".*", configure: "" } } };

    expect(differences(fields, { hosts: { "/": { write: ".*" } } }, live)).toEqual([]);
    expect(differences(fields, { hosts: { "/": { write: "a" } } }, live)).toHaveLength(1);
  });
});

describe("differences of an ordered list", () => {
  const fields = { statements: list("statements", { ordered: true }) };

  it("keep commas in elements, and take one string for a list of one", () => {
    const desired = { statements: "GRANT SELECT, INSERT ON a" };

    expect(differences(fields, desired, { statements: ["GRANT SELECT, INSERT ON a"] })).toEqual([]);
  });

  it("include another order", () => {
    expect(differences(fields, { statements: ["b", "a"] }, { statements: ["a", "b"] })).toHaveLength(1);
  });
});

describe("normalisePolicy", () => {
  it("drops blanks outside of quotes, and keeps those in quotes", () => {
    const tidy = normalisePolicy('path "a b" {\n  capabilities = ["read"]\n}\n');

    expect(normalisePolicy('path  "a b"  {\r\n\r\n\tcapabilities   = ["read"]\r\n}')).toBe(tidy);
    expect(normalisePolicy('path "a  b" {\n  capabilities = ["read"]\n}\n')).not.toBe(tidy);
  });
});
