import { expect, test } from "vitest";
import { parseDesired } from "../../../src/desired/load.ts";
import { redact } from "../../../src/redact.ts";

test("declared write-only secrets are redacted from all output; fields that only describe them are not", () => {
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

test("declared credentials for other systems are redacted from all output", () => {
  const yaml = `
auth: { dir: { type: ldap, config: { url: "ldaps://ldap.example", bindpass: planted-bindpass } } }
secrets:
  mq: { type: rabbitmq, config: { connection: { connection_uri: "http://a:planted-uri@mq", username: a, password: planted-mq } } }
  dns: { type: consul, config: { access: { address: "127.0.0.1:8500", token: planted-consul } } }
  cloud: { type: gcp, config: { credentials: planted-gcp } }
plugins: { secret: { p: { command: p, sha256: abc, env: [TOKEN=planted-env] } } }
`;

  parseDesired("config", new Map([["b.yaml", yaml]]));

  const written = "planted-bindpass http://a:planted-uri@mq planted-mq planted-consul planted-gcp TOKEN=planted-env";
  expect(redact(written)).not.toContain("planted");
});
