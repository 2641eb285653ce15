import { expect, it } from "vitest";
import { describeMissing } from "../../../src/desired/missing-policies.ts";
import { undeclaredNames } from "../../../src/desired/warnings.ts";
import { desiredOf } from "./desired.ts";

const missing = { policy: "dve", by: "auth/k/role/r", at: { file: "a.yaml", line: 1, column: 1 } };

it("describeMissing says where a policy is missing, and suggests the nearest name", () => {
  expect(describeMissing(missing, ["dev"], false)).toBe(
    "a.yaml:1:1: auth/k/role/r names the policy dve, which is not declared here; did you mean dev?",
  );
  expect(describeMissing(missing, [], true)).toBe(
    "a.yaml:1:1: auth/k/role/r names the policy dve, which is not declared here, and Vault does not have it",
  );
});

it("undeclaredNames warns of undeclared mounts and entities in references, and suggests the nearest name", () => {
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
