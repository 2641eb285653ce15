import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { InvalidConfig } from "../../../src/desired/invalid-config.ts";
import { jsonSchema } from "../../../src/desired/json-schema.ts";
import { parseDesired } from "../../../src/desired/load.ts";
import { rootSpec } from "../../../src/kinds/index.ts";
import { projectDir } from "../../cluster/paths.ts";
import { mutate, mutation } from "../../helpers/mutate.ts";

const schemaFile = join(projectDir, "schema/vault-hooks.schema.json");
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
let validate: ReturnType<typeof ajv.compile>;

beforeAll(async () => {
  validate = ajv.compile(JSON.parse(await readFile(schemaFile, "utf8")));
});

/** @returns the errors of a document: path and reason */
function errorsOf(yaml: string): string[] {
  validate(parse(yaml));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const folders = ["hooks/config", "docs/examples"];
const files = (await Promise.all(folders.map(filesOf))).flat();

async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(join(projectDir, folder));
  return names.filter((name) => name.endsWith(".yaml")).map((name) => `${folder}/${name}`);
}

test("the published schema matches the kinds; if not, run npm run schema", async () => {
  expect(await readFile(schemaFile, "utf8")).toBe(`${JSON.stringify(jsonSchema(rootSpec), null, 2)}\n`);
});

test.each(files)("the schema accepts %s", async (file) => {
  expect(errorsOf(await readFile(join(projectDir, file), "utf8"))).toEqual([]);
});

test.each(files.filter((file) => file.startsWith("hooks/")))(
  "the first line of %s names the schema for editors",
  async (file) => {
    const [first] = (await readFile(join(projectDir, file), "utf8")).split("\n");

    expect(first).toBe("# yaml-language-server: $schema=../../schema/vault-hooks.schema.json");
  },
);

describe("the schema accepts", () => {
  test.each([
    ["a mount that is only partly in this file", "auth: {k: {roles: {a: {token_ttl: 1h}}}}"],
    ["a duration in seconds", "auth: {k: {type: kubernetes, tune: {default_lease_ttl: 60}}}"],
    ["a list as one string", 'auth: {k: {type: approle, roles: {a: {token_policies: "a,b"}}}}'],
    ["an older name of a field", "auth: {k: {type: approle, roles: {a: {policies: [b]}}}}"],
    ["a key of a KV value with any name", 'secrets: {k: {type: kv, values: {a/b: {"": 1, "x/../y": [null]}}}}'],
    ["a KV value that only looks like a rule", "secrets: {k: {type: kv, values: {a: {b: {generate: {}, more: 1}}}}}"],
    [
      "a Secret in place of a write-only value",
      "auth: {k: {type: ldap, config: {url: a, bindpass: {secretKeyRef: {name: a, key: b}}}}}",
    ],
    [
      "a Secret in place of a KV value",
      "secrets: {k: {type: kv, values: {a: {b: {secretKeyRef: {name: a, key: b}}}}}}",
    ],
    [
      "a Secret in place of a value in a map or list",
      "secrets: {k: {type: database, connections: {c: {plugin_name: p, options: {a: {secretKeyRef: {name: a, key: b}}}}}}}",
    ],
    ["a name with characters that URLs escape", "auth: {k: {type: approle, roles: {'a=b & %41 é': {}}}}"],
  ])("%s", (_what, yaml) => {
    expect(errorsOf(yaml)).toEqual([]);
  });
});

describe("the schema rejects", () => {
  test.each([
    ["an unknown section", "secret: {}", " must NOT have additional properties"],
    [
      "a Secret in place of a value that plans show",
      "auth: {k: {type: ldap, config: {url: a, binddn: {secretKeyRef: {name: a, key: b}}}}}",
      "binddn must be string",
    ],
    [
      "a reference without a key",
      "auth: {k: {type: ldap, config: {url: a, bindpass: {secretKeyRef: {name: a}}}}}",
      "must have required property 'key'",
    ],
    ["an unknown type", "auth: {k: {type: kubernets}}", "/auth/k/type must be equal to one of the allowed values"],
    [
      "a field that belongs to another auth type",
      "auth: {k: {type: kubernetes, keys: {}}}",
      "/auth/k must NOT have additional properties",
    ],
    ["a missing field", "auth: {k: {type: kubernetes, config: {}}}", "must have required property 'kubernetes_host'"],
    [
      "a role without any of the fields of which one is required",
      "auth: {k: {type: kubernetes, roles: {a: {bound_service_account_names: b}}}}",
      "must match a schema in anyOf",
    ],
    [
      "an invalid duration",
      "auth: {k: {type: kubernetes, tune: {max_lease_ttl: soon}}}",
      "max_lease_ttl must match pattern",
    ],
    ["a number below the minimum", "auth: {k: {type: approle, roles: {a: {token_num_uses: -1}}}}", "must be >= 0"],
    ["a number in quotes", 'auth: {k: {type: approle, roles: {a: {token_num_uses: "1"}}}}', "must be integer"],
    ["true in quotes", 'secrets: {k: {type: kv, local: "true"}}', "/secrets/k/local must be boolean"],
    ["a map for a string", "secrets: {k: {type: kv, description: {}}}", "description must be string"],
    [
      "a policy with both `file` and `hcl`",
      "policies: {a: {file: a.hcl, hcl: ''}}",
      "must match exactly one schema in oneOf",
    ],
    [
      "a policy with neither `file` nor `hcl`",
      "policies: {a: {}}",
      "/policies/a must match exactly one schema in oneOf",
    ],
    ["a policy's file with another ending", "policies: {a: {file: a.txt}}", "/policies/a/file must match pattern"],
    [
      "an older name together with the newer",
      "auth: {k: {type: approle, roles: {a: {ttl: 1, token_ttl: 1}}}}",
      "NOT be valid",
    ],
    ["a wrong rule for a value", "secrets: {k: {type: kv, values: {a: {b: {generate: {length: 1}}}}}}", "must be >= 8"],
    ["a reserved mount", "auth: {vault-hooks: {type: kubernetes}}", "/auth property name must be valid"],
    ["a reserved policy", "policies: {vault-hooks: {hcl: ''}}", "/policies property name must be valid"],
    ["a policy in upper case", "policies: {Dev: {hcl: ''}}", "/policies property name must be valid"],
    ["a name that leads to a different path", "secrets: {a/../b: {type: kv}}", "/secrets must match pattern"],
    ["a name with a slash at the end", "secrets: {a/: {type: kv}}", "/secrets must match pattern"],
  ])("%s", (_what, yaml, expected) => {
    expect(errorsOf(yaml).join("\n")).toContain(expected);
  });
});

describe("the schema never rejects what validate accepts", () => {
  test.each(files)("in %s, changed at random places", async (file) => {
    const text = await readFile(join(projectDir, file), "utf8");
    const policies = await policyFiles();

    fc.assert(
      fc.property(mutation, (change) => {
        const document = mutate(parse(text), change);
        fc.pre(isValid(document, policies));
        validate(document);
        expect(validate.errors ?? [], JSON.stringify(document)).toEqual([]);
      }),
      { numRuns: 60, maxSkipsPerRun: 100 },
    );
  });
});

async function policyFiles(): Promise<[string, string][]> {
  const folder = join(projectDir, "hooks/config/policies");
  const names = await readdir(folder);
  return await Promise.all(
    names.map(
      async (name): Promise<[string, string]> => [`policies/${name}`, await readFile(join(folder, name), "utf8")],
    ),
  );
}

function isValid(document: unknown, policies: readonly [string, string][]): boolean {
  try {
    parseDesired("config", new Map([["a.yaml", JSON.stringify(document)], ...policies]));
    return true;
  } catch (error) {
    if (error instanceof InvalidConfig) return false;
    throw error;
  }
}
