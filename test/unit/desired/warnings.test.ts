import { expect, it } from "vitest";
import { missingPolicyWarnings, undeclaredNames, warn } from "../../../src/desired/warnings.ts";
import { createLogger } from "../../../src/logger.ts";
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

  expect(undeclaredNames(items).map(({ text }) => text)).toEqual([
    expect.stringMatching(/^a\.yaml:6:5: identity\/group\/name\/ops names \{\{entity:annn\}\}.*; did you mean ann\?$/),
    expect.stringMatching(
      /^a\.yaml:8:3: sys\/policies\/acl\/own names \{\{accessor:auth\/peple\}\}.*; did you mean people\?$/,
    ),
  ]);
});

it("warnings of all kinds come in the order of files and lines", async () => {
  const desired = desiredOf({
    "a.yaml": [
      "auth:",
      "  k: { type: approle, roles: { r: { token_policies: [nowhere] } } }",
      "identity: { groups: { ops: { member_entities: [gone] } } }",
      "policies:",
      "  p:",
      "    hcl: |",
      '      path "a" { capabilities = ["deny", "read"] }',
      "secrets: { kv: { type: kv, description: $(TEAM) } }",
      "",
    ].join("\n"),
    "b.yaml": "auth: { k: { roles: { s: { token_policies: [elsewhere] } } } }",
    "b.hcl": "",
  });
  const lines: string[] = [];
  const log = createLogger({ level: "info", output: "json", color: false }, (line) => lines.push(line));

  warn(log, [...desired.warnings, ...undeclaredNames(desired.items), ...(await missingPolicyWarnings(desired))]);

  const starts = lines.map((line) => String(JSON.parse(line).warning).split(": ")[0]);
  expect(starts).toEqual([
    ...["a.yaml:2:32", "a.yaml:3:23", "a.yaml:7:33", "a.yaml:8:41", "no policy uses b.hcl", "b.yaml:1:23"],
  ]);
});
