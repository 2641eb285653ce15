import { expect, test } from "vitest";
import { parseDesired } from "../../../src/config/load.ts";
import { redact } from "../../../src/redact.ts";

test("a declared secret that Vault never tells cannot be shown by any output; what only describes it can", () => {
  const yaml = `
auth: { people: { type: userpass, users: { ann: { password: planted-by-a-person } } } }
secrets:
  hosts: { type: ssh, ca: { private_key: planted-private-key, generate_signing_key: false } }
  pki: { type: pki, root: { type: internal, common_name: planted.example.com, key_name: planted-key-name } }
`;

  parseDesired("config", new Map([["a.yaml", yaml]]));

  expect(redact("planted-by-a-person planted-private-key")).toBe("[redacted] [redacted]");
  const shown = "https://vault-0.vault-internal:8200 planted.example.com planted-key-name";
  expect(redact(shown)).toBe(shown);
});
