import { expect, it } from "vitest";
import { describeMissing } from "../../../src/desired/policies.ts";
import { undeclaredNames } from "../../../src/desired/warnings.ts";
import { desiredOf } from "./desired.ts";

const missing = { policy: "dve", by: "auth/k/role/r", at: { file: "a.yaml", line: 1, column: 1 } };

it("a policy that is not declared is told as that, with the one that was perhaps meant", () => {
  expect(describeMissing(missing, ["dev"], false)).toBe(
    "a.yaml:1:1: auth/k/role/r names the policy dve, which is not declared here; did you mean dev?",
  );
  expect(describeMissing(missing, [], true)).toBe(
    "a.yaml:1:1: auth/k/role/r names the policy dve, which is not declared here, and Vault does not have it",
  );
});

it("a mount, entity or the like that is named and not declared is told with the one that was perhaps meant", () => {
  const { items } = desiredOf({
    "a.yaml": [
      "auth: { people: { type: userpass } }",
      "identity:",
      "  entities:",
      "    ann: { aliases: { auth/people: { name: ann } } }",
      "  groups:",
      "    ops: { member_entities: [annn, ann] }",
      "policies:",
      '  own: { hcl: \'path "a/{{accessor:auth/peple}}" { capabilities = ["read"] }\' }',
      '  token: { hcl: \'path "a/{{accessor:auth/token}}" { capabilities = ["read"] }\' }',
      "",
    ].join("\n"),
  });

  expect(undeclaredNames(items)).toEqual([
    expect.stringMatching(/^a\.yaml:6:5: identity\/group\/name\/ops names \{\{entity:annn\}\}.*; did you mean ann\?$/),
    expect.stringMatching(
      /^a\.yaml:8:3: sys\/policies\/acl\/own names \{\{accessor:auth\/peple\}\}.*; did you mean people\?$/,
    ),
  ]);
});
