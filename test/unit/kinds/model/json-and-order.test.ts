import { describe, expect, it } from "vitest";
import { differences } from "../../../../src/kinds/model/compare.ts";
import { jsonText, list } from "../../../../src/kinds/model/spec.ts";

describe("JSON that Vault takes as a text", () => {
  const fields = { document: jsonText("a document") };

  it.each([
    ["a text and what it says", '{"a": [1]}', { a: [1] }],
    ["two texts that differ in blanks", '{"a": 1}', '{ "a" : 1 }'],
    ["nothing and the empty text", "", undefined],
  ])("is the same: %s", (_, desired, live) => {
    const changed = differences(fields, { document: desired }, { document: live });

    expect(changed).toEqual([]);
  });

  it("differs where what it says differs, and where it is no JSON and reads otherwise", () => {
    const changed = [
      ...differences(fields, { document: { a: 1 } }, { document: '{"a": 2}' }),
      ...differences(fields, { document: "some rules" }, { document: "other rules" }),
    ];

    expect(changed.map(({ field }) => field)).toEqual(["document", "document"]);
  });
});

describe("JSON of which only some keys are ours", () => {
  const fields = { hosts: jsonText("permissions by host", { partial: true }) };

  it("leaves out what Vault added at any depth", () => {
    const live = { hosts: { "/": { write: ".*", configure: "" } } };

    expect(differences(fields, { hosts: { "/": { write: ".*" } } }, live)).toEqual([]);
    expect(differences(fields, { hosts: { "/": { write: "a" } } }, live)).toHaveLength(1);
  });
});

describe("a list whose order counts", () => {
  const fields = { statements: list("statements", { ordered: true }) };

  it("keeps commas in its texts, and takes one text for a list of it", () => {
    const desired = { statements: "GRANT SELECT, INSERT ON a" };

    expect(differences(fields, desired, { statements: ["GRANT SELECT, INSERT ON a"] })).toEqual([]);
  });

  it("differs in another order", () => {
    expect(differences(fields, { statements: ["b", "a"] }, { statements: ["a", "b"] })).toHaveLength(1);
  });
});
