import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { projectDir } from "../../cluster/paths.ts";
import { mutate, mutation } from "../../helpers/mutate.ts";
import { desiredOf, mistakesIn, mistakesOf } from "./desired.ts";

const examples = (await readdir(join(projectDir, "docs/examples"))).filter((name) => name.endsWith(".yaml"));
const passwordPolicy = (policy: string) => stringify({ password_policies: { p: { policy } } });
const mount = (rest: string) => `secrets:\n  kvv2:\n    type: kv\n${rest}`;
const role = (rest: string) => `auth:\n  demo:\n    type: approle\n    roles:\n      r1:\n${rest}`;

describe("parseDesired with one mistake", () => {
  it.each([
    [
      "a key with a meaning in JavaScript",
      role("        __proto__: { token_ttl: 1h }\n"),
      "a.yaml:6:9: auth.demo.roles.r1.__proto__: found the unknown key __proto__",
    ],
    [
      "a password policy that is not HCL",
      passwordPolicy("length = 20 }"),
      "a.yaml:3:13: password_policies.p.policy: found }",
    ],
    [
      "an escape in a password policy at which Vault's request handler panics, with its line",
      passwordPolicy('length = 20\nrule "charset" { charset = "\\777" }'),
      'found the string "\\777" (line 2 of the text), expected characters in place of escapes',
    ],
    [
      "a key in a password policy at which Vault's request handler panics",
      passwordPolicy('rule "\\U00110000" { charset = "a" }'),
      'found the string "\\U00110000" (line 1 of the text)',
    ],
    [
      "a surrogate pair in the JSON of a password policy, at which Vault's request handler panics",
      passwordPolicy('{"rule": [{"charset": [{"charset": "\\ud83d\\ude00"}]}]}'),
      "(line 1 of the text)",
    ],
    [
      "a password policy in base64 with such an escape",
      passwordPolicy(Buffer.from('length = 20\nx = "\\400"').toString("base64")),
      "(line 2 of the text)",
    ],
    [
      "bindings of GCP that are not HCL, without showing them, since they are write-only",
      'secrets: { g: { type: gcp, rolesets: { r: { project: p, secret_type: access_token, bindings: "resource planted {" } } } }\n',
      "secrets.g.rolesets.r.bindings: found a mistake (line 1 of the text), expected HCL or JSON",
    ],
    ["a list as the whole file", "- a\n", "a.yaml:1:1: found a list, expected a map"],
    ["a negative duration", role("        token_ttl: -5\n"), "a.yaml:6:20: auth.demo.roles.r1.token_ttl: found -5"],
    [
      "days together with hours, which Vault does not accept",
      role("        token_ttl: 1d12h\n"),
      'a.yaml:6:20: auth.demo.roles.r1.token_ttl: found the string "1d12h"',
    ],
    [
      "a map in a list",
      role("        token_policies: [dev, { a: b }]\n"),
      "a.yaml:6:31: auth.demo.roles.r1.token_policies.1: found a map, expected a string",
    ],
    [
      "a list in place of a map of strings",
      mount("    options: [2]\n"),
      "a.yaml:4:14: secrets.kvv2.options: found a list, expected a map of strings",
    ],
    [
      "the reserved policy in a role, in any case",
      role("        token_policies: [dev, Vault-Hooks]\n"),
      "a.yaml:6:31: auth.demo.roles.r1.token_policies.1: found the reserved policy vault-hooks, expected a different policy",
    ],
    [
      "the reserved policy in a string with commas",
      role('        policies: "dev, vault-hooks"\n'),
      "a.yaml:6:19: auth.demo.roles.r1.policies: found the reserved policy vault-hooks",
    ],
    [
      "the reserved policy of plan in a string with commas",
      role('        policies: "dev, vault-hooks-plan"\n'),
      "a.yaml:6:19: auth.demo.roles.r1.policies: found the reserved policy vault-hooks-plan, expected a different policy",
    ],
    [
      "a name that is two dots",
      mount("    values:\n      ..: { a: b }\n"),
      'a.yaml:5:7: secrets.kvv2.values."..": found .., which leads to a different path',
    ],
    [
      "a mount below another",
      "secrets:\n  a: { type: kv }\n  a-b: { type: kv }\n  a/b/c: { type: kv }\n",
      'a.yaml:4:3: "sys/mounts/a/b/c": found a mount below sys/mounts/a, expected a path that is not below the mount at',
    ],
    [
      "a token type that is valid only for a mount",
      role("        token_type: default-service\n"),
      'a.yaml:6:21: auth.demo.roles.r1.token_type: found the string "default-service", expected one of default, service, batch',
    ],
    [
      "a token type that is invalid for a token role",
      "auth: { token: { type: token, roles: { r: { token_type: default } } } }",
      'a.yaml:1:57: auth.token.roles.r.token_type: found the string "default", expected one of service, batch, default-service',
    ],
    [
      "a key version below 1",
      "secrets: { t: { type: transit, keys: { k: { min_decryption_version: 0 } } } }",
      "a.yaml:1:69: secrets.t.keys.k.min_decryption_version: found 0, expected a whole number of at least 1",
    ],
    [
      "an unknown version of KV",
      mount("    options: { version: 3 }\n"),
      "a.yaml:4:25: secrets.kvv2.options.version: found 3, expected one of 1, 2",
    ],
    [
      "an unknown option of KV",
      mount('    options: { versoin: "2" }\n'),
      "a.yaml:4:16: secrets.kvv2.options.versoin: found the unknown key versoin, expected one of version; did you mean version?",
    ],
    ["the version of KV one level too high", mount("    version: 2\n"), "found the unknown key version, expected"],
    [
      "the version of KV one level too high, with a suggestion",
      mount("    version: 2\n"),
      "did you mean options.version?",
    ],
    ...[
      ["auth", "userpass", "listing_visibility", "tune.listing_visibility"],
      ["auth", "kubernetes", "default_lease_ttl", "tune.default_lease_ttl"],
      ["auth", "ldap", "token_type", "tune.token_type"],
      ["auth", "approle", "lockout_threshold", "tune.user_lockout_config.lockout_threshold"],
      ["auth", "jwt", "description", "description"],
      ["secrets", "database", "max_lease_ttl", "tune.max_lease_ttl"],
      ["secrets", "kv", "seal_wrap", "seal_wrap"],
    ].map(([section, type, key, place]) => [
      `${key} in the options of a ${type} mount, with its right place`,
      `${section}: { m: { type: ${type}, options: { ${key}: unauth } } }\n`,
      `${section}.m.options.${key}: found ${key}, which has no effect here, expected it in the field ${place}`,
    ]),
    [
      "a tune parameter one level too high, with its right place",
      "auth:\n  u:\n    type: userpass\n    listing_visibility: unauth\n",
      "; did you mean tune.listing_visibility?",
    ],
    [
      "a field of the config one level too high, with its right place",
      "auth:\n  u:\n    type: kubernetes\n    kubernetes_host: https://k.example\n",
      "; did you mean config.kubernetes_host?",
    ],
    [
      "a merge key",
      "secrets:\n  kvv2:\n    type: kv\n    values:\n      a: &a { b: c }\n      d:\n        <<: *a\n",
      'a.yaml:7:9: secrets.kvv2.values.d."<<": found the merge key <<, expected the keys themselves',
    ],
    [
      "a merge key in an object, whose required fields are among the merged ones",
      "auth:\n  k:\n    type: kubernetes\n    roles:\n      a: &a { bound_service_account_names: [x], bound_service_account_namespaces: [x] }\n" +
        "      b:\n        <<: *a\n        bound_service_account_names: [y]\n",
      'a.yaml:7:9: auth.k.roles.b."<<": found the merge key <<, expected the keys themselves',
    ],
    [
      "a merge key with a list",
      "auth: { u: { type: approle, roles: { a: &a { token_ttl: 1h }, b: &b {}, c: { <<: [*a, *b] } } } }\n",
      'a.yaml:1:78: auth.u.roles.c."<<": found the merge key <<',
    ],
    [
      "a merge key without an anchor",
      "auth: { u: { type: approle, roles: { c: { <<: { token_ttl: 1h } } } } }\n",
      'a.yaml:1:43: auth.u.roles.c."<<": found the merge key <<',
    ],
    ...["kv-v2", "kv2", "kvv2"].map((type) => [
      `the type ${type} of Vault's commands, with the way to declare it`,
      `secrets: { s: { type: ${type} } }\n`,
      `nomad, pki, rabbitmq, ssh, totp, transit, ad, alicloud, gcpkms, keymgmt, kmip, ldap, mongodbatlas, openldap, terraform, transform, plugin; did you mean kv with options: { version: "2" }?`,
    ]),
    [
      "the type kv-v1, with the way to declare it",
      "secrets: { s: { type: kv-v1 } }\n",
      'did you mean kv with options: { version: "1" }?',
    ],
    [
      "a type of auth method without a description, with the way to declare it",
      "auth: { s: { type: radius } }\n",
      "did you mean plugin with plugin_name: radius?",
    ],
    [
      "the value of a write-only field with a fixed list of values",
      "secrets: { p: { type: pki, root: { common_name: a, type: exported } } }\n",
      'a.yaml:1:58: secrets.p.root.type: found the string "exported", expected one of internal, kms',
    ],
    [
      "the number of a write-only field with a fixed list of values",
      "secrets: { t: { type: totp, keys: { k: { generate: true, skew: 2 } } } }\n",
      "secrets.t.keys.k.skew: found 2, expected one of 0, 1",
    ],
    [
      "the name of a policy in upper case, with the name that Vault keeps",
      'policies: { Dev-Team: { hcl: "# a" } }\n',
      "a.yaml:1:13: policies.Dev-Team: found Dev-Team in upper case, which Vault does not keep, expected dev-team",
    ],
    [
      "the name of a policy in upper case with a blank, with the name that Vault keeps",
      'policies: { " Dev": { hcl: "# a" } }\n',
      "with leading or trailing spaces, which Vault does not keep, expected dev",
    ],
    [
      "a key next to generate that belongs in it",
      mount("    values:\n      a: { p: { generate: { length: 32 }, charset: abc } }\n"),
      "a.yaml:5:15: secrets.kvv2.values.a.p: found generate together with other keys, expected generate alone",
    ],
    [
      "a raw path with data that is not a map",
      "raw: { a/b: { data: hello } }\n",
      'a.yaml:1:21: raw."a/b".data: found a string, expected a map',
    ],
    [
      "a raw path with data that is empty",
      "raw:\n  a/b:\n    data:\n",
      'a.yaml:3:5: raw."a/b".data: found nothing, expected a map',
    ],
    [
      "a mount below another in a namespace",
      "namespaces: { n: { secrets: { a: { type: kv }, a/b: { type: kv } } } }\n",
      "found a mount below n/sys/mounts/a, expected a path that is not below the mount at",
    ],
    [
      "a blank around the name of a policy",
      'policies: { " x": { hcl: "# a" } }\n',
      "with leading or trailing spaces, which Vault does not keep",
    ],
    ["two slashes", "secrets:\n  a//b: { type: kv }\n", 'a.yaml:2:3: secrets."a//b": found a//b, with a double slash'],
    [
      "one path declared in two sections",
      "secrets:\n  a: { type: kv, values: { b/c: { k: v } } }\nraw:\n  a/b/c: { data: { k: v } }\n",
      'a.yaml:4:3: "a/b/c": found a second declaration of this path, expected only one: the first is at a.yaml:2:28',
    ],
    [
      "two names that are the same in lower case, where Vault keeps one",
      "auth:\n  apps:\n    type: approle\n    roles:\n      Dev: {}\n      dev: {}\n",
      'a.yaml:6:7: "auth/apps/role/dev": found the same object in Vault as auth/apps/role/Dev, expected only one: the first is at a.yaml:5:7',
    ],
    [
      "two such names in a namespace",
      "namespaces:\n  team:\n    identity:\n      entities:\n        Ann: {}\n        ann: {}\n",
      'a.yaml:6:9: "team/identity/entity/name/ann": found the same object in Vault as team/identity/entity/name/Ann',
    ],
    [
      "two such names in LDAP",
      "auth:\n  l:\n    type: ldap\n    config: { url: a, case_sensitive_names: false }\n    groups:\n      A: {}\n      a: {}\n",
      'a.yaml:7:7: "auth/l/groups/a": found the same object in Vault as auth/l/groups/A, expected only one',
    ],
    [
      "two entities with one login",
      "identity:\n  entities:\n    a: { aliases: { auth/u: { name: ann } } }\n    b: { aliases: { auth/u: { name: Ann } } }\n",
      'a.yaml:4:21: "identity/entity/name/b/alias/auth/u": found the same object in Vault as ' +
        "identity/entity/name/a/alias/auth/u, expected only one: the first is at a.yaml:3:21",
    ],
    [
      "two groups with one alias",
      "identity:\n  groups:\n    a: { type: external, alias: { name: g, mount: auth/u } }\n    b: { type: external, alias: { name: g, mount: auth/u } }\n",
      'a.yaml:4:26: "identity/group/name/b/alias": found the same object in Vault as identity/group/name/a/alias, expected only one',
    ],
    [
      "an alias of an internal group",
      "identity:\n  groups:\n    a: { alias: { name: g, mount: auth/u } }\n",
      'a.yaml:3:10: "identity/group/name/a/alias": found an alias of an internal group, expected type: external for the group',
    ],
    [
      "an alias without a mount",
      "identity:\n  groups:\n    a: { type: external, alias: { name: g } }\n",
      "a.yaml:3:26: identity.groups.a.alias: found no mount, expected mount: auth mount",
    ],
    [
      "two aliases of one auth mount, one without auth/",
      "identity:\n  entities:\n    a: { aliases: { auth/u: { name: ann }, u: { name: bea } } }\n",
      'a.yaml:3:44: "identity/entity/name/a/alias/auth/u": found a second declaration of this path, expected only one',
    ],
    ...[
      ["sys/auth/u", "auth/u"],
      ["auth/u/", "auth/u"],
      ["/auth/u", "auth/u"],
      ["u/", "auth/u"],
      ["secrets/u", "the path of an auth mount, as auth/PATH"],
      ["sys/mounts/u", "the path of an auth mount, as auth/PATH"],
      ["auth/", "the path of an auth mount, as auth/PATH"],
      ["", "the path of an auth mount, as auth/PATH"],
      ["auth_kubernetes_1a2b3c4d", "the path of an auth mount, as auth/PATH; vault-hooks finds its accessor"],
      ["{{accessor:auth/u}}", "the path of an auth mount, as auth/PATH; vault-hooks finds its accessor"],
    ].flatMap(([mount, expected]) => [
      [
        `an entity's alias in "${mount}", which is no auth mount`,
        `identity: { entities: { a: { aliases: { "${mount}": { name: n } } } } }\n`,
        `found the name "${mount}", expected ${expected}`,
      ],
      [
        `a group's alias in "${mount}", which is no auth mount`,
        `identity: { groups: { g: { type: external, alias: { name: n, mount: "${mount}" } } } }\n`,
        `identity.groups.g.alias.mount: found the string "${mount}", expected ${expected}`,
      ],
      [
        `a login enforcement of "${mount}", which is no auth mount`,
        `mfa: { login_enforcements: { e: { auth_methods: [auth/v, "${mount}"] } } }\n`,
        `mfa.login_enforcements.e.auth_methods.1: found the string "${mount}", expected ${expected}`,
      ],
    ]),
    [
      "the accessor of a secrets engine where Vault takes one of an auth mount",
      'mfa: { login_enforcements: { e: { auth_method_accessors: ["{{accessor:u}}"] } } }\n',
      'a.yaml:1:30: "identity/mfa/login-enforcement/e": found {{accessor:u}}, a secrets engine, expected an auth mount, as {{accessor:auth/u}}',
    ],
    [
      "the accessor of a secrets engine in a raw alias",
      'raw: { identity/entity-alias: { data: { mount_accessor: "{{accessor:u}}" } } }\n',
      "found {{accessor:u}}, a secrets engine, expected an auth mount, as {{accessor:auth/u}}",
    ],
    [
      "the accessor of a secrets engine in a policy's template of an alias",
      `policies: { p: { hcl: 'path "a/{{identity.entity.aliases.{{accessor:u}}.name}}" { capabilities = ["read"] }' } }\n`,
      "found {{accessor:u}}, a secrets engine, expected an auth mount, as {{accessor:auth/u}}",
    ],
  ])("reports its position: %s", (_what, yaml, mistake) => {
    const mistakes = mistakesIn(yaml);

    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(mistake);
  });

  it("does not quote the value of a write-only field", () => {
    const yaml = "auth: { demo: { type: kubernetes, config: { kubernetes_host: a, token_reviewer_jwt: 123456 } } }\n";

    const [mistake] = mistakesIn(yaml);

    expect(mistake).toContain("found a number, expected a string");
    expect(mistake).not.toContain("123456");
  });

  it("reports a file that is not a map among files that are", () => {
    const mistakes = mistakesOf({ "a.yaml": "policies: {}\n", "b.yaml": "\n- policies\n" });

    expect(mistakes).toEqual(["b.yaml:2:1: found a list as the whole file, expected a map"]);
  });

  it("reports the second and third declaration of an object in three files", () => {
    const yaml = "policies:\n  p: { hcl: '# nothing' }\n";

    const mistakes = mistakesOf({ "a.yaml": yaml, "b.yaml": yaml, "c/d.yml": yaml });

    expect(mistakes.map((each) => each.split(": ")[0])).toEqual(["b.yaml:2:3", "c/d.yml:2:3"]);
    expect(mistakes[1]).toContain("the first is at a.yaml:2:3");
  });
});

describe("parseDesired with unusual but valid input", () => {
  it("takes the mount of an alias and of a login enforcement for an auth mount, also without auth/", () => {
    const { items } = desiredOf({
      "a.yaml": `
auth: { kubernetes: { type: kubernetes } }
secrets: { kubernetes: { type: kubernetes } }
identity:
  entities: { e: { aliases: { kubernetes: { name: n } } } }
  groups: { g: { type: external, alias: { name: n, mount: kubernetes } } }
mfa: { login_enforcements: { one: { auth_methods: [kubernetes] }, two: { auth_methods: "kubernetes, auth/userpass" } } }
`,
    });

    const references = items.map(({ path, references = [] }) => [
      path,
      references.filter((each) => /accessor/.test(each)),
    ]);
    expect(Object.fromEntries(references.filter(([, each]) => each?.length !== 0))).toEqual({
      "identity/entity/name/e/alias/auth/kubernetes": ["{{accessor:auth/kubernetes}}"],
      "identity/group/name/g/alias": ["{{accessor:auth/kubernetes}}"],
      "identity/mfa/login-enforcement/one": ["{{accessor:auth/kubernetes}}"],
      "identity/mfa/login-enforcement/two": ["{{accessor:auth/kubernetes}}", "{{accessor:auth/userpass}}"],
    });
  });

  it("takes the names in one string with commas for several names, and ignores an empty one", () => {
    const { items } = desiredOf({
      "a.yaml":
        'identity: { entities: { a: {}, b: {} }, groups: { g: { member_entities: "a, b" }, h: { member_entities: [a, ""] } } }',
    });

    const members = (path: string) => items.find((item) => item.path === path)?.desired["member_entity_ids"];
    expect(members("identity/group/name/g")).toEqual(["{{entity:a}}", "{{entity:b}}"]);
    expect(members("identity/group/name/h")).toEqual(["{{entity:a}}"]);
  });

  it("accepts one name for logins of two mounts, for an entity and a group, and in two namespaces", () => {
    const identity = `{
      entities: { a: { aliases: { auth/u: { name: n }, auth/v: { name: n } } } },
      groups: { g: { type: external, alias: { name: n, mount: auth/u } } } }`;

    expect(mistakesIn(`identity: ${identity}\nnamespaces: { team: { identity: ${identity} } }\n`)).toEqual([]);
  });

  it("accepts names that differ only in case where Vault keeps both, and in two mounts", () => {
    const yaml = `
auth:
  A: { type: approle, roles: { r: {} } }
  a: { type: approle, roles: { R: {} } }
  l: { type: ldap, config: { url: a, case_sensitive_names: true }, groups: { A: {}, a: {} }, users: { B: {}, b: {} } }
secrets: { t: { type: transit, keys: { K: {}, k: {} } } }
`;

    expect(mistakesIn(yaml)).toEqual([]);
  });

  it("accepts names with characters that are special in a URL", () => {
    const names = ["a=b", "a&b", "50%", "with space", "a/b", "größe", "日本", "a..b", "__proto__"];
    const policies = names.map((name) => `  ${JSON.stringify(name)}: { hcl: '# nothing' }\n`);

    expect(mistakesIn(`policies:\n${policies.join("")}`)).toEqual([]);
  });

  it.each(["90s", "24h", "1h30m", "1.5h", "2d", "500us", "+5s", ".5s", '"3600"', "3600", "0"])(
    "accepts the duration %s",
    (duration) => {
      expect(mistakesIn(role(`        token_ttl: ${duration}\n`))).toEqual([]);
    },
  );

  it("accepts anchors and aliases", () => {
    const yaml = "secrets:\n  a: &engine { type: kv, values: { p: { k: v } } }\n  b: *engine\n";

    expect(mistakesIn(yaml)).toEqual([]);
  });

  it("accepts a mount in three files, with its type in the last one", () => {
    const part = (role: string) => `auth: { k: { roles: { ${role}: { token_policies: [default] } } } }`;

    expect(
      mistakesOf({ "a.yaml": part("a"), "b.yaml": part("b"), "c.yaml": "auth: { k: { type: approle } }" }),
    ).toEqual([]);
  });
});

describe("parseDesired with twenty mistakes", () => {
  it("reports all twenty at their positions", () => {
    const mistakes = mistakesOf({
      "audit.yaml": "audit:\n  a: { type: fiel }\n  b: {}\n",
      "auth.yaml":
        "auth:\n  vault-hooks: { type: kubernetes }\n  k:\n    type: kubernetes\n    tune: { default_lease_ttl: long }\n    config: {}\n" +
        "    roles:\n      r:\n        bound_service_account_names: a\n        bound_service_account_namespaces: a\n        token_ttl: 1x\n        token_tll: 1h\n        token_policies: [vault-hooks]\n        audience: 7\n",
      "policies.yaml":
        "policies:\n  a: { file: gone.hcl }\n  b: {}\n  c: { file: c.hcl }\n  c: { file: c.hcl }\n  D: { hcl: '#' }\n",
      "c.hcl": '# c\npath "a" {\n  capabilities = ["raed"]\n}\npath "a/+*" {\n  policy = "deny"\n}\n',
      "secrets.yaml":
        "secrets:\n  kv: { type: vk }\n  t: { type: transit, keys: { k: { type: rsa-1024 } } }\n  u: { type: kv, values: secret }\n",
      "t.yaml": "policies: {\n",
      "u.yaml": "policis: {}\n",
    });

    expect(mistakes.map((each) => each.split(": ")[0])).toEqual([
      ...["audit.yaml:2:14", "audit.yaml:3:3"],
      ...["auth.yaml:2:3", "auth.yaml:5:32", "auth.yaml:6:5", "auth.yaml:11:20", "auth.yaml:12:9"],
      ...["auth.yaml:13:26", "auth.yaml:14:19"],
      ...["c.hcl:3:19", "c.hcl:5:6"],
      ...["policies.yaml:2:3", "policies.yaml:3:3", "policies.yaml:5:3", "policies.yaml:6:3"],
      ...["secrets.yaml:2:15", "secrets.yaml:3:42", "secrets.yaml:4:26"],
      ...["t.yaml:2:1", "u.yaml:1:1"],
    ]);
  });
});

describe("parseDesired with several kinds of mistakes", () => {
  it("reports them together with conflicts between objects", () => {
    const mistakes = mistakesOf({
      "a.yaml":
        "audit: { f: { type: fil } }\nidentity: { groups: { a: { member_groups: [b] }, b: { member_groups: [a] } } }\n",
      "b.yaml": "policies: { wrong: {} }\nsecrets: { x: { type: kv }, x/y: { type: kv } }\n",
      "c.yaml": "nonsense\n",
    });

    expect(mistakes).toHaveLength(5);
    for (const found of [
      'found the string "fil"',
      "a dependency cycle",
      "a mount below",
      "exactly one of",
      "as the whole file",
    ]) {
      expect(mistakes.join("\n")).toContain(found);
    }
  });

  it.each(examples)("throws nothing but InvalidConfig after any change to %s", async (name) => {
    const text = await readFile(join(projectDir, "docs/examples", name), "utf8");

    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (changes) => {
        const document = changes.reduce<unknown>(mutate, parse(text));
        expect(Array.isArray(mistakesIn(stringify(document)))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
