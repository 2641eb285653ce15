import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { projectDir } from "../../cluster/paths.ts";
import { change, changed } from "../../helpers/changed.ts";
import { mistakesIn, mistakesOf } from "./desired.ts";

const examples = (await readdir(join(projectDir, "docs/examples"))).filter((name) => name.endsWith(".yaml"));
const mount = (rest: string) => `secrets:\n  kvv2:\n    type: kv\n${rest}`;
const role = (rest: string) => `auth:\n  demo:\n    type: approle\n    roles:\n      r1:\n${rest}`;

describe("one mistake", () => {
  it.each([
    [
      "a key that only JavaScript knows",
      role("        __proto__: { token_ttl: 1h }\n"),
      "a.yaml:6:9: auth.demo.roles.r1.__proto__: found the unknown key __proto__",
    ],
    ["a list as the whole file", "- a\n", "a.yaml:1:1: found a list, expected a map"],
    ["a negative duration", role("        token_ttl: -5\n"), "a.yaml:6:20: auth.demo.roles.r1.token_ttl: found -5"],
    [
      "days beside hours, which Vault does not take",
      role("        token_ttl: 1d12h\n"),
      'a.yaml:6:20: auth.demo.roles.r1.token_ttl: found the text "1d12h"',
    ],
    [
      "a map inside of a list",
      role("        token_policies: [dev, { a: b }]\n"),
      "a.yaml:6:31: auth.demo.roles.r1.token_policies.1: found a map, expected a text",
    ],
    [
      "a list where a map of texts belongs",
      mount("    options: [2]\n"),
      "a.yaml:4:14: secrets.kvv2.options: found a list, expected a map of texts",
    ],
    [
      "a role that would be as strong as root, in whatever case",
      role("        token_policies: [dev, Vault-Hooks]\n"),
      "a.yaml:6:31: auth.demo.roles.r1.token_policies.1: found the reserved policy vault-hooks, expected another",
    ],
    [
      "the reserved policy in one text with commas",
      role('        policies: "dev, vault-hooks"\n'),
      "a.yaml:6:19: auth.demo.roles.r1.policies: found the reserved policy vault-hooks",
    ],
    [
      "a name that is two dots",
      mount("    values:\n      ..: { a: b }\n"),
      'a.yaml:5:7: secrets.kvv2.values."..": found .., which leads to another path',
    ],
    [
      "a mount below another",
      "secrets:\n  a: { type: kv }\n  a-b: { type: kv }\n  a/b/c: { type: kv }\n",
      'a.yaml:4:3: "sys/mounts/a/b/c": found a mount below sys/mounts/a, expected a path of its own',
    ],
    [
      "a type of token that only a mount may have",
      role("        token_type: default-service\n"),
      'a.yaml:6:21: auth.demo.roles.r1.token_type: found the text "default-service", expected one of default, service, batch',
    ],
    [
      "a type of token that a token's role may not have",
      "auth: { token: { type: token, roles: { r: { token_type: default } } } }",
      'a.yaml:1:57: auth.token.roles.r.token_type: found the text "default", expected one of service, batch, default-service',
    ],
    [
      "a version of a key that there is never",
      "secrets: { t: { type: transit, keys: { k: { min_decryption_version: 0 } } } }",
      "a.yaml:1:69: secrets.t.keys.k.min_decryption_version: found 0, expected a whole number of at least 1",
    ],
    [
      "a version of KV that there is not",
      mount("    options: { version: 3 }\n"),
      "a.yaml:4:25: secrets.kvv2.options.version: found 3, expected one of 1, 2",
    ],
    [
      "an option of KV that there is not",
      mount('    options: { versoin: "2" }\n'),
      "a.yaml:4:16: secrets.kvv2.options.versoin: found the unknown key versoin, expected one of version; did you mean version?",
    ],
    ["the version of KV a step too high", mount("    version: 2\n"), "found the unknown key version, expected"],
    [
      "the version of KV a step too high, with what was meant",
      mount("    version: 2\n"),
      "did you mean options.version?",
    ],
    [
      "a merge key",
      "secrets:\n  kvv2:\n    type: kv\n    values:\n      a: &a { b: c }\n      d:\n        <<: *a\n",
      'a.yaml:7:9: secrets.kvv2.values.d."<<": found the merge key <<, expected the keys themselves',
    ],
    [
      "a word beside generate that belongs into it",
      mount("    values:\n      a: { p: { generate: { length: 32 }, charset: abc } }\n"),
      "a.yaml:5:15: secrets.kvv2.values.a.p: found generate beside other keys, expected generate alone",
    ],
    [
      "a raw path with data that is no map",
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
      "found a mount below n/sys/mounts/a, expected a path of its own",
    ],
    [
      "a policy's name with a blank around it",
      'policies: { " x": { hcl: "# a" } }\n',
      "with blanks around it, which Vault does not keep",
    ],
    [
      "two slashes",
      "secrets:\n  a//b: { type: kv }\n",
      'a.yaml:2:3: secrets."a//b": found a//b, with a slash too many',
    ],
    [
      "one path declared in two ways",
      "secrets:\n  a: { type: kv, values: { b/c: { k: v } } }\nraw:\n  a/b/c: { data: { k: v } }\n",
      'a.yaml:4:3: "a/b/c": found a second declaration of this path, expected one only: the first stands in a.yaml:2:28',
    ],
    [
      "two names of which Vault keeps one, in lower case",
      "auth:\n  apps:\n    type: approle\n    roles:\n      Dev: {}\n      dev: {}\n",
      'a.yaml:6:7: "auth/apps/role/dev": found what Vault takes for auth/apps/role/Dev, expected one only: the first stands in a.yaml:5:7',
    ],
    [
      "two such names in a namespace",
      "namespaces:\n  team:\n    identity:\n      entities:\n        Ann: {}\n        ann: {}\n",
      'a.yaml:6:9: "team/identity/entity/name/ann": found what Vault takes for team/identity/entity/name/Ann',
    ],
    [
      "two such names of a directory",
      "auth:\n  l:\n    type: ldap\n    config: { url: a, case_sensitive_names: false }\n    groups:\n      A: {}\n      a: {}\n",
      'a.yaml:7:7: "auth/l/groups/a": found what Vault takes for auth/l/groups/A, expected one only',
    ],
    [
      "two entities with one login",
      "identity:\n  entities:\n    a: { aliases: { auth/u: { name: ann } } }\n    b: { aliases: { auth/u: { name: Ann } } }\n",
      'a.yaml:4:21: "identity/entity/name/b/alias/auth/u": found what Vault takes for ' +
        "identity/entity/name/a/alias/auth/u, expected one only: the first stands in a.yaml:3:21",
    ],
    [
      "two groups that stand for one",
      "identity:\n  groups:\n    a: { type: external, alias: { name: g, mount: auth/u } }\n    b: { type: external, alias: { name: g, mount: auth/u } }\n",
      'a.yaml:4:26: "identity/group/name/b/alias": found what Vault takes for identity/group/name/a/alias, expected one only',
    ],
    [
      "a group that stands for another and has members of its own",
      "identity:\n  groups:\n    a: { alias: { name: g, mount: auth/u } }\n",
      'a.yaml:3:10: "identity/group/name/a/alias": found the alias of an internal group, expected type: external for the group',
    ],
    [
      "an alias of no mount",
      "identity:\n  groups:\n    a: { type: external, alias: { name: g } }\n",
      "a.yaml:3:26: identity.groups.a.alias: found no mount, expected mount: the auth mount",
    ],
  ])("is told with its place: %s", (_what, yaml, mistake) => {
    const mistakes = mistakesIn(yaml);

    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(mistake);
  });

  it("does not show what Vault never tells either", () => {
    const yaml = "auth: { demo: { type: kubernetes, config: { kubernetes_host: a, token_reviewer_jwt: 123456 } } }\n";

    const [mistake] = mistakesIn(yaml);

    expect(mistake).toContain("found a number, expected a text");
    expect(mistake).not.toContain("123456");
  });

  it("of a file that is no map is told beside files that are", () => {
    const mistakes = mistakesOf({ "a.yaml": "policies: {}\n", "b.yaml": "\n- policies\n" });

    expect(mistakes).toEqual(["b.yaml:2:1: found a list as the whole file, expected a map"]);
  });

  it("in three files that declare one thing is told of the second and the third", () => {
    const yaml = "policies:\n  p: { hcl: '# nothing' }\n";

    const mistakes = mistakesOf({ "a.yaml": yaml, "b.yaml": yaml, "c/d.yml": yaml });

    expect(mistakes.map((each) => each.split(": ")[0])).toEqual(["b.yaml:2:3", "c/d.yml:2:3"]);
    expect(mistakes[1]).toContain("the first stands in a.yaml:2:3");
  });
});

describe("what looks odd and is right", () => {
  it("takes one name for a login at two mounts, for an entity and a group, and in two namespaces", () => {
    const identity = `{
      entities: { a: { aliases: { auth/u: { name: n }, auth/v: { name: n } } } },
      groups: { g: { type: external, alias: { name: n, mount: auth/u } } } }`;

    expect(mistakesIn(`identity: ${identity}\nnamespaces: { team: { identity: ${identity} } }\n`)).toEqual([]);
  });

  it("takes names that differ by case where Vault keeps both, and in two mounts", () => {
    const yaml = `
auth:
  A: { type: approle, roles: { r: {} } }
  a: { type: approle, roles: { R: {} } }
  l: { type: ldap, config: { url: a, case_sensitive_names: true }, groups: { A: {}, a: {} }, users: { B: {}, b: {} } }
secrets: { t: { type: transit, keys: { K: {}, k: {} } } }
`;

    expect(mistakesIn(yaml)).toEqual([]);
  });

  it("takes names that need care in a URL as they are", () => {
    const names = ["a=b", "a&b", "50%", "with space", "a/b", "größe", "日本", "a..b", "__proto__"];
    const policies = names.map((name) => `  ${JSON.stringify(name)}: { hcl: '# nothing' }\n`);

    expect(mistakesIn(`policies:\n${policies.join("")}`)).toEqual([]);
  });

  it.each(["90s", "24h", "1h30m", "1.5h", "2d", '"3600"', "3600", "0"])("takes the duration %s", (duration) => {
    expect(mistakesIn(role(`        token_ttl: ${duration}\n`))).toEqual([]);
  });

  it("takes anchors and aliases of YAML", () => {
    const yaml = "secrets:\n  a: &engine { type: kv, values: { p: { k: v } } }\n  b: *engine\n";

    expect(mistakesIn(yaml)).toEqual([]);
  });

  it("takes a mount that is spread over three files, its type in the last", () => {
    const part = (role: string) => `auth: { k: { roles: { ${role}: { token_policies: [default] } } } }`;

    expect(
      mistakesOf({ "a.yaml": part("a"), "b.yaml": part("b"), "c.yaml": "auth: { k: { type: approle } }" }),
    ).toEqual([]);
  });
});

describe("a folder with twenty mistakes", () => {
  it("gives all twenty, at their places", () => {
    const mistakes = mistakesOf({
      "audit.yaml": "audit:\n  a: { type: fiel }\n  b: {}\n",
      "auth.yaml":
        "auth:\n  vault-hooks: { type: kubernetes }\n  k:\n    type: kubernetes\n    tune: { default_lease_ttl: long }\n    config: {}\n" +
        "    roles:\n      r:\n        bound_service_account_names: a\n        bound_service_account_namespaces: a\n        token_ttl: 1x\n        token_tll: 1h\n        token_policies: [vault-hooks]\n        audience: 7\n",
      "policies.yaml":
        "policies:\n  a: { file: gone.hcl }\n  b: {}\n  c: { file: c.hcl }\n  c: { file: c.hcl }\n  D: { hcl: '#' }\n",
      "c.hcl": '# c\npath "a" {\n  capabilities = ["raed"]\n}\npath "a/*/b" {\n  policy = "deny"\n}\n',
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

describe("mistakes of several kinds", () => {
  it("are told together, also those that only all objects together show", () => {
    const mistakes = mistakesOf({
      "a.yaml":
        "audit: { f: { type: fil } }\nidentity: { groups: { a: { member_groups: [b] }, b: { member_groups: [a] } } }\n",
      "b.yaml": "policies: { wrong: {} }\nsecrets: { x: { type: kv }, x/y: { type: kv } }\n",
      "c.yaml": "nonsense\n",
    });

    expect(mistakes).toHaveLength(5);
    for (const told of ['found the text "fil"', "a circle", "a mount below", "exactly one of", "as the whole file"]) {
      expect(mistakes.join("\n")).toContain(told);
    }
  });

  it.each(examples)("are told wherever they are in %s, and none is a bug", async (name) => {
    const text = await readFile(join(projectDir, "docs/examples", name), "utf8");

    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const document = changes.reduce<unknown>(changed, parse(text));
        expect(Array.isArray(mistakesIn(stringify(document)))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
