import { join } from "node:path";
import { expect, it } from "vitest";
import { loadDesired } from "../../../src/desired/load.ts";
import { literalSecrets, missingPolicyWarnings, undeclaredNames, warn } from "../../../src/desired/warnings.ts";
import { createLogger } from "../../../src/logger.ts";
import { projectDir } from "../../cluster/paths.ts";
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

it("literalSecrets warns once of each object with literal secrets, at its line, without their values", () => {
  const { items } = desiredOf({
    "a.yaml": [
      "auth:",
      "  dir:",
      "    type: ldap",
      "    config: { url: 'ldaps://a.example', bindpass: planted, client_tls_key: planted, client_tls_cert: public }",
      "secrets:",
      "  mq:",
      "    type: rabbitmq",
      "    config:",
      "      connection: { connection_uri: 'http://mq', username: a, password: {secretKeyRef: {name: mq, key: p}} }",
      "raw: { auth/x/config: { write_only: { password: planted, host: b } } }",
      "",
    ].join("\n"),
  });

  const texts = literalSecrets(items).map(({ text }) => text);

  expect(texts).toEqual([
    expect.stringMatching(
      /^a\.yaml:4:5: bindpass and client_tls_key of auth\/dir\/config are literal secrets in Git; /,
    ),
    expect.stringMatching(/^a\.yaml:10:8: write_only\.password of auth\/x\/config is a literal secret in Git; /),
  ]);
  expect(texts.join()).not.toContain("planted");
});

it.each(["hooks/config", "docs/examples"])("literalSecrets does not warn of %s", async (folder) => {
  const { items } = await loadDesired(join(projectDir, folder));

  expect(literalSecrets(items)).toEqual([]);
});
