import { describe, expect, it } from "vitest";
import { planJson, renderPlan } from "../../../../src/configure/render.ts";
import { plan } from "../../../../src/plan-apply/plan.ts";
import { redact, redactFreeText } from "../../../../src/redact.ts";
import { desiredOf, mistakesIn, mistakesOf } from "../desired.ts";

const connection = (fields: object) =>
  JSON.stringify({ secrets: { db: { type: "database", connections: { c: { plugin_name: "p", ...fields } } } } });

// kept apart from the login, or the search for secrets in Git takes these for real ones
const postgres = "postgresql://";

describe("a URL", () => {
  it.each([
    ["postgresql://{{username}}:{{password}}@db.example:5432/shop?sslmode=disable"],
    ["{{username}}:{{password}}@tcp(db.example:3306)/"],
    ["{{username}}/{{password}}@//db.example:1521/shop"],
    ["sqlserver://db.example:1433?user id={{username}};password={{password}}"],
    ["mongodb://db.example:27017/admin?tls=true"],
  ])("of a database may have a login of templates: %s", (connection_url) => {
    expect(mistakesIn(connection({ connection_url }))).toEqual([]);
  });

  it.each([
    [`${postgres}vault:planted-one@db.example:5432/shop`],
    [`${postgres}{{username}}:planted-one@db.example:5432/shop`],
    ["vault:planted-one@tcp(db.example:3306)/"],
    ["vault/planted-one@//db.example:1521/shop"],
    ["sqlserver://db.example:1433?user id=sa;password=planted-one"],
    ["postgresql://db.example/shop?user=vault&sslpassword=planted-one"],
  ])(
    "of a database with a password is refused, and the message does not contain the password: %s",
    (connection_url) => {
      const mistakes = mistakesIn(connection({ connection_url }));

      expect(mistakes).toHaveLength(1);
      expect(mistakes[0]).toContain("found a password in a URL, expected {{username}} and {{password}}");
      expect(mistakes[0]).not.toContain("planted");
    },
  );

  it("of another field with a login is refused too", () => {
    const yaml = "auth: { l: { type: ldap, config: { url: 'ldap://cn:planted-two@ldap.example' } } }";

    expect(mistakesIn(yaml)).toEqual([
      "a.yaml:1:41: auth.l.config.url: found a password in a URL, expected a URL without one",
    ]);
  });
});

describe("a plan", () => {
  it("shows no value of a field that may hold a credential, new or changed", () => {
    const { items } = desiredOf({
      "a.yaml": connection({ options: { tls_password: "planted-three" }, connection_url: "{{username}}@planted.four" }),
      "b.yaml":
        "auth: { o: { type: oidc, config: { oidc_discovery_url: 'https://oidc.example', provider_config: { client_secret: planted-five } } } }",
      "c.yaml": "plugins: { auth: { p: { command: p, sha256: abc, args: [--token=planted-six] } } }",
      "d.yaml": "raw: { some/path: { data: { a: { b: planted-seven } }, write_only: { c: planted-eight } } }",
    });
    const paths = ["auth/o/config", "db/config/c", "some/path", "sys/plugins/catalog/auth/p"];
    const live = {
      plugin_name: "p",
      options: { tls_password: "was-planted" },
      connection_url: "was-planted",
      provider_config: { client_secret: "was-planted" },
      args: ["was-planted"],
      a: { b: "was-planted" },
    };
    const changed = plan(items, new Map(paths.map((path) => [path, { live }])));

    for (const each of [plan(items, new Map()), changed]) {
      expect(each.changes.map(({ item }) => item.path)).toEqual(expect.arrayContaining(paths));
      expect(planJson(each) + renderPlan(each, false)).not.toContain("planted");
    }
  });
});

it("strings of KV values and raw paths are redacted in the errors of others at any depth, and those of raw paths everywhere", () => {
  desiredOf({
    "a.yaml": "secrets: { kv: { type: kv, values: { a: { b: literal-one, c: { d: [literal-two] } } } } }",
    "b.yaml": "raw: { some/path: { data: { a: [literal-three] }, write_only: { b: { c: literal-four } } } }",
    "c.yaml": connection({ options: { p: "literal-five" } }),
  });

  expect(redactFreeText("literal-one literal-two literal-three literal-four literal-five")).not.toContain("literal");
  expect(redact("literal-three literal-four literal-five")).not.toContain("literal");
});

describe("a mistake", () => {
  it.each([
    ["a string that is cut off", 'password: "planted-nine\nb: c\n'],
    ["a string at a wrong place", "password: 'x' planted-nine\n"],
    ["a string that looks like an escape", 'password: "planted-nine\\q"\n'],
    ["a string that looks like a tag", "secrets: { kv: { type: kv, values: { a: { p: !planted-nine } } } }"],
    ["a string that looks like an alias", "secrets: { kv: { type: kv, values: { a: { p: *planted-nine } } } }"],
    ["a string for a map of options", connection({ options: "planted-nine" })],
    ["a secret of another type", connection({ password: ["planted-nine"] })],
  ])("in YAML is reported without the value: %s", (_, yaml) => {
    const mistakes = mistakesIn(yaml);

    expect(mistakes).not.toEqual([]);
    expect(mistakes.join("\n")).not.toContain("planted");
  });
});

describe("a value that is the same as a secret", () => {
  it("is replaced in a mistake, and the words of the mistake stay", () => {
    const login = (password: string) =>
      `secrets: { db: { type: database, connections: { c: { plugin_name: p, password: ${password} } } } }`;

    const mistakes = mistakesOf({
      "a.yaml": "audit: { f: { type: planted-ten } }",
      "b.yaml": login("planted-ten"),
      "c.yaml": "auth: { u: { type: userpass, users: { a: { password: expected }, b: { password: string } } } }",
    });

    expect(mistakes).toEqual([
      'a.yaml:1:21: audit.f.type: found the string "[redacted]", expected one of file, syslog, socket, http',
    ]);
  });
});

describe("a raw path", () => {
  it.each([
    "auth/vault-hooks/role/configure",
    "auth/vault-hooks/config",
    "sys/auth/vault-hooks",
    "sys/auth/vault-hooks/tune",
    "sys/mounts/auth/vault-hooks/tune",
    "sys/policies/acl/vault-hooks",
    "sys/policies/acl/Vault-Hooks",
    "sys/policy/vault-hooks",
    "sys/init",
    "sys/seal",
    "sys/unseal",
    "sys/step-down",
    "sys/rekey/init",
    "sys/rekey-recovery-key/init",
    "sys/generate-root/attempt",
    "sys/rotate",
    "sys/rotate/root/init",
    "sys/replication/performance/secondary/enable",
    "sys/replication/dr/primary/demote",
    "sys/leases/revoke-prefix/a",
    "auth/token/revoke-accessor",
  ])("of the login of vault-hooks, or of an irreversible operation, is refused: %s", (path) => {
    expect(mistakesIn(JSON.stringify({ raw: { [path]: { data: {} } } })).join()).toContain("found the reserved name");
  });

  it.each([
    "sys/config/ui",
    "auth/vault-hooks-too/config",
    "sys/policies/acl/vault-hooks-too",
    "sys/init-too",
    "sys/rotate/config",
    "sys/rotate-too",
    "sys/replication/performance/primary/paths-filter/second",
  ])("of another name may be declared: %s", (path) => {
    expect(mistakesIn(JSON.stringify({ raw: { [path]: { data: {} } } }))).toEqual([]);
  });

  it.each([
    ["data", { token_policies: ["a", "vault-hooks"] }],
    ["data", { policies: "a, Vault-Hooks" }],
    ["write_only", { roles: [{ allowed_policies: ["vault-hooks"] }] }],
  ])("may not grant the policy of vault-hooks: in %s, %j", (field, value) => {
    const mistakes = mistakesIn(JSON.stringify({ raw: { "auth/x/role/y": { [field]: value } } }));

    expect(mistakes.join()).toContain("found the reserved policy vault-hooks");
  });
});
