import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { desiredOf, mistakesIn, mistakesOf } from "./desired.ts";

describe("parseDesired", () => {
  it("returns the same objects for any order of the files", () => {
    const files = {
      "audit.yaml": "audit: { out: { type: file, options: { file_path: stdout } } }",
      "kv.yaml": "secrets: { kv: { type: kv, options: { version: '2' }, values: { a/b: { k: v } } } }",
      "more.yaml": "secrets: { kv: { values: { c: { k: v } } }, t: { type: transit, keys: { k: {} } } }",
      "policies.yaml": "policies: { p: { file: p.hcl } }",
      "p.hcl": 'path "a" { capabilities = ["read"] }',
    };
    const expected = desiredOf(files).items;

    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(files), { minLength: 5 }), (entries) => {
        expect(desiredOf(Object.fromEntries(entries)).items).toEqual(expected);
      }),
    );
    expect(expected.map(({ path }) => path)).toEqual([
      "kv/a/b",
      "kv/c",
      "sys/audit/out",
      "sys/mounts/kv",
      "sys/mounts/t",
      "sys/policies/acl/p",
      "t/keys/k",
    ]);
  });

  it("reads the older names of token fields as the current ones", () => {
    const yaml = "auth: { k: { type: approle, roles: { r: { policies: [default], ttl: 24h } } } }";

    const role = desiredOf({ "a.yaml": yaml }).items.find(({ path }) => path === "auth/k/role/r");

    expect(role?.desired).toEqual({ token_policies: ["default"], token_ttl: "24h" });
  });

  it("keeps the position at which each object was declared", () => {
    const [item] = desiredOf({
      "a.yaml": 'policies:\n  p:\n    hcl: |\n      path "a" { capabilities = ["read"] }\n',
    }).items;

    expect(item?.at).toEqual({ file: "a.yaml", line: 2, column: 3 });
  });

  it("returns policies that are named and not declared, except those that are built into Vault", () => {
    const yaml = "auth: { k: { type: approle, roles: { r: { token_policies: [default, nowhere] } } } }";

    const { missingPolicies } = desiredOf({ "a.yaml": yaml });

    expect(missingPolicies).toMatchObject([{ policy: "nowhere", by: "auth/k/role/r" }]);
  });

  it.each(["['']", "['', default]", '""', '"default, "', "[' ']"])(
    "names no missing policy for an empty name in a list of policies: %s",
    (policies) => {
      const yaml = `auth: { k: { type: approle, roles: { r: { token_policies: ${policies} } } } }`;

      const { missingPolicies, items } = desiredOf({ "a.yaml": yaml });

      expect(missingPolicies).toEqual([]);
      expect(items.flatMap((item) => item.policies ?? [])).not.toContain("");
    },
  );

  it("warns of policy files that no policy uses", () => {
    const { warnings } = desiredOf({ "a.yaml": "{}", "old.hcl": "" });

    expect(warnings.map(({ text }) => text)).toEqual(["no policy uses old.hcl"]);
  });

  it("returns the recovery declarations", () => {
    const { recovery } = desiredOf({ "a.yaml": "recovery: { acceptDataLoss: abc }" });

    expect(recovery).toEqual({ acceptDataLoss: "abc" });
  });

  it.each([
    ["a list", "[vault-4, vault-3, vault-4]"],
    ["a string with commas", "'vault-4, vault-3'"],
  ])("returns the Raft peers to remove, each once, from %s", (_, value) => {
    const { recovery } = desiredOf({ "a.yaml": `recovery: { removePeers: ${value} }` });

    expect(recovery).toEqual({ removePeers: ["vault-3", "vault-4"] });
  });
});

describe("parseDesired with a mistake", () => {
  const kv = (values: string) => `secrets: { kv: { type: kv, values: { p: ${values} } } }`;
  const role = (fields: string) => `auth: { k: { type: approle, roles: { r: { ${fields} } } } }`;
  it.each([
    [
      "an unknown key",
      "polices: {}",
      "a.yaml:1:1: polices: found the unknown key polices, expected one of",
      "did you mean policies?",
    ],
    ["a key that every object has in JavaScript", "constructor: x", "a.yaml:1:1: constructor: found the unknown key"],
    [
      "an unknown field",
      role("token_tll: 1h"),
      "auth.k.roles.r.token_tll: found the unknown key",
      "did you mean token_ttl?",
    ],
    [
      "an unknown type",
      "auth:\n  k:\n    type: kubernets",
      'a.yaml:3:11: auth.k.type: found the string "kubernets"',
      "did you mean kubernetes?",
    ],
    ["no type", "secrets:\n  kv: {}", "a.yaml:2:3: secrets.kv.type: found no type, expected one of "],
    [
      "a wrong type of value",
      role("token_num_uses: many"),
      'found the string "many", expected a whole number of at least 0',
    ],
    ["a fraction for a whole number", role("token_num_uses: 1.5"), "found 1.5, expected a whole number"],
    ["a string for a boolean", role("token_no_default_policy: maybe"), "expected true or false"],
    ["a number for a string", "auth: { k: { type: approle, description: 5 } }", "found 5, expected a string"],
    ["a bad duration", role("token_ttl: 24x"), 'found the string "24x", expected a duration like 90s, 24h or 1h30m'],
    [
      "a word that is not allowed",
      role("token_type: batsh"),
      "expected one of default, service, batch",
      "did you mean batch?",
    ],
    ["a map for a list", role("token_policies: {}"), "found a map, expected a list of strings"],
    [
      "a section that is not a map",
      "policies: [a]",
      "a.yaml:1:11: policies: found a list, expected a map: each policy by its name",
    ],
    ["nothing in place of a map", "policies:", "policies: found nothing, expected a map"],
    [
      "a policy with neither file nor hcl",
      "policies: { p: {} }",
      "policies.p: found none of them, expected exactly one of file, hcl",
    ],
    [
      "a policy with both file and hcl",
      "policies: { p: { file: p.hcl, hcl: '' } }",
      "found file and hcl, expected exactly one",
    ],
    ["a missing file", "policies: { p: { file: p.hcl } }", "policies.p.file: found p.hcl, which is not in the folder"],
    [
      "an older name together with the current one",
      role("ttl: 1h, token_ttl: 1h"),
      "both token_ttl and its older name",
    ],
    [
      "a missing required field",
      "auth: { k: { type: kubernetes, config: {} } }",
      "auth.k.config: found no kubernetes_host",
    ],
    [
      "a policy that nobody can change in Vault",
      "policies: { response-wrapping: { hcl: '' } }",
      "the reserved name response-wrapping",
    ],
    ["the reserved policy", "policies: { vault-hooks: { hcl: '' } }", "the reserved name vault-hooks"],
    [
      "none of several fields of which Vault requires one",
      "auth: { k: { type: kubernetes, roles: { r: { bound_service_account_names: a } } } }",
      "a.yaml:1:41: auth.k.roles.r: found none of them, expected at least one of bound_service_account_namespaces, ",
    ],
    ["the reserved mount", "auth: { vault-hooks: { type: kubernetes } }", "the reserved name vault-hooks"],
    ["a role with the reserved policy", role("token_policies: [vault-hooks]"), "the reserved policy vault-hooks"],
    ["a built-in mount", "secrets: { sys: { type: kv } }", "the reserved name sys"],
    ["a name with .. in it", "policies: { a/../b: { hcl: '' } }", "a/../b, which leads to a different path"],
    ["a slash at the end of a name", "secrets: { kv/: { type: kv } }", "kv/, with a slash at the end"],
    ["an empty name", "secrets: { '': { type: kv } }", "found an empty name"],
    ["a control character in a name", 'secrets: { "a\\u0000b": { type: kv } }', "a control character in a name"],
    [
      "a day that does not exist",
      `policies: { p: { hcl: 'path "a" { capabilities = ["read"] }', expiration: '2030-02-31T00:00:00Z' } }`,
      'policies.p.expiration: found the string "2030-02-31T00:00:00Z", expected a time like 2030-12-31T23:59:59Z',
    ],
    ["a policy in upper case", "policies: { Dev: { hcl: '' } }", "Dev in upper case"],
    [
      "a length that is too short for a secret",
      kv("{ a: { generate: { length: 4 } } }"),
      "expected a whole number from 8 to 4096",
    ],
    ["an unknown option of generate", kv("{ a: { generate: { size: 4 } } }"), "the unknown key size"],
    ["a number that JavaScript cannot hold", kv("{ a: 9007199254740993 }"), "a number that cannot be stored exactly"],
    ["a duplicate key", "policies: {}\npolicies: {}", "a.yaml:2:1: policies: found a duplicate key"],
    ["a tab as indentation", "policies:\n\tp: {}", "a.yaml:2:1: found a tab as indentation"],
    ["several documents", "policies: {}\n---\npolicies: {}", "several documents in one file"],
    ["invalid YAML", "policies: {", "a.yaml:1:12: found an unclosed bracket"],
    ["an unknown tag", "policies: !mine {}", "found a tag, expected no tag"],
    ["bytes, which JSON cannot hold", kv("{ a: !!binary aGk= }"), "found the tag !!binary, expected no tag"],
    ["a date tag", kv("{ a: !!timestamp 2001-01-01 }"), "found the tag !!timestamp"],
    ["an alias without an anchor", "policies: *nothing", "found an alias without an anchor"],
    [
      "an alias within its own anchor",
      kv("{ a: &a [*a] }"),
      "an anchor of this name, on a value that ends before the alias",
    ],
  ])("reports the position, what was found and what was expected: %s", (_, yaml, ...parts) => {
    const mistakes = mistakesIn(yaml);

    expect(mistakes.length).toBeGreaterThan(0);
    for (const part of parts) expect(mistakes.join("\n")).toContain(part);
    for (const mistake of mistakes) expect(mistake).toMatch(/^a\.yaml:\d+:\d+: /);
  });

  it("reports all mistakes at once, sorted by position", () => {
    const mistakes = mistakesOf({
      "a.yaml": "polices: {}\nsecrets:\n  kv: { type: kv, options: 1 }\n  kv: { type: vk }\n",
      "b.yaml": "policies:\n  p: { file: gone.hcl }\n  q: { file: q.hcl }\n",
      "q.hcl": 'path "a" { capabilities = ["raed"] }\n',
    });

    expect(mistakes.map((each) => each.split(": ")[0])).toEqual([
      "a.yaml:1:1",
      "a.yaml:4:3",
      "a.yaml:4:15",
      "b.yaml:2:3",
      "q.hcl:1:28",
    ]);
  });

  it("reports both positions of an object that two files declare", () => {
    const yaml = "policies:\n  p: { hcl: '# nothing' }\n";

    const mistakes = mistakesOf({ "a.yaml": yaml, "b.yaml": yaml });

    expect(mistakes).toEqual([
      "b.yaml:2:3: policies.p: found a second declaration, expected only one: the first is at a.yaml:2:3",
    ]);
  });

  it("does not quote a value that is in place of a map, since it may be a secret", () => {
    const mistakes = mistakesIn("secrets: { kv: { type: kv, values: { a: hunter2hunter2 } } }");

    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).not.toContain("hunter2");
  });

  it("refuses an exponential expansion of aliases (billion laughs) before it expands them", () => {
    const levels = Array.from({ length: 12 }, (_, i) =>
      i === 0
        ? "a0: &a0 [lol]"
        : `a${i}: &a${i} [${Array(9)
            .fill(`*a${i - 1}`)
            .join(", ")}]`,
    );

    const mistakes = mistakesIn(`secrets: { kv: { type: kv, values: { p: { ${levels.join(", ")} } } } }`);

    expect(mistakes).toEqual([expect.stringContaining("aliases that expand to more than 10000 values")]);
  }, 60_000);

  it("refuses a deeply nested file without exhausting the stack", () => {
    const deep = "[".repeat(20_000) + "]".repeat(20_000);

    expect(mistakesIn(`secrets: ${deep}`)).not.toEqual([]);
  });
});
