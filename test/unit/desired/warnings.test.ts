import { expect, it } from "vitest";
import { undeclaredNames } from "../../../src/desired/warnings.ts";
import { desiredOf } from "./desired.ts";

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
