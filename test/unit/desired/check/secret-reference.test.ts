import { describe, expect, it } from "vitest";
import { SecretReference } from "../../../../src/kinds/model/secret-reference.ts";
import { redactFreeText } from "../../../../src/redact.ts";
import { desiredOf, mistakesIn } from "../desired.ts";

const ref = (name: string, key: string) => `{secretKeyRef: {name: ${name}, key: ${key}}}`;
const ldap = (fields: string) => `auth: { dir: { type: ldap, config: { url: "ldaps://ldap.example", ${fields} } } }\n`;
const kv = (values: string) => `secrets: { kv: { type: kv, values: { app: { ${values} } } } }\n`;

function itemAt(yaml: string, path: string) {
  return desiredOf({ "a.yaml": yaml }).items.find((each) => each.path === path);
}

describe("a reference to a Secret", () => {
  it("may be the value of a write-only field, and its names are not redacted", () => {
    const item = itemAt(ldap(`bindpass: ${ref("directory-login", "password")}`), "auth/dir/config");

    expect(item?.desired["bindpass"]).toEqual(new SecretReference("directory-login", "password"));
    expect(item?.secrets).toMatchObject([{ path: ["bindpass"], from: { name: "directory-login" } }]);
    expect(redactFreeText("Secret directory-login has no key password")).toContain("directory-login");
  });

  it("may be a KV value, beside literal and generated ones", () => {
    const item = itemAt(kv(`user: ann, made: {generate: {}}, password: ${ref("app", "pw")}`), "kv/app");

    expect(item?.desired["desired"]).toEqual({
      user: "ann",
      made: { generate: {} },
      password: new SecretReference("app", "pw"),
    });
    expect(item?.secrets).toMatchObject([{ path: ["password"] }]);
  });

  it("is a literal inside a JSON value of KV, which may hold a manifest", () => {
    const item = itemAt(kv(`pod: {env: [{valueFrom: ${ref("app", "pw")}}]}`), "kv/app");

    expect(item?.secrets).toBeUndefined();
    expect(item?.desired["desired"]).toEqual({
      pod: { env: [{ valueFrom: { secretKeyRef: { name: "app", key: "pw" } } }] },
    });
  });

  it.each([
    [
      "a map",
      "auth: { o: { type: oidc, config: { oidc_discovery_url: 'https://a.example', provider_config: { provider: azure, key: REF } } } }",
      "auth/o/config",
    ],
    [
      "a list",
      "plugins: { secret: { p: { command: p, sha256: abc, env: [A=b, REF] } } }",
      "sys/plugins/catalog/secret/p",
    ],
    ["raw", "raw: { auth/x/config: { write_only: { deep: { password: REF } } } }", "auth/x/config"],
    [
      "raw, in an object with policy in its name",
      "raw: { database/config/policy-db: { write_only: { password: REF } } }",
      "database/config/policy-db",
    ],
    [
      "raw, in a namespace with policy in its name",
      "namespaces: { policy-team: { raw: { auth/x/config: { data: { password: REF } } } } }",
      "policy-team/auth/x/config",
    ],
  ])("may be a value inside a secret or write-only field: %s", (_, yaml, path) => {
    const item = itemAt(yaml.replace("REF", ref("a", "b")), path);

    expect(item?.secrets).toMatchObject([{ from: { name: "a", key: "b" } }]);
  });

  it.each([
    ["a field that plans show", ldap(`binddn: ${ref("a", "b")}`), "a literal value, because plans show this field"],
    [
      "a map that plans show",
      `secrets: { kv: { type: kv, options: { version: "2" }, metadata: { a: { custom_metadata: { x: ${ref("a", "b")} } } } } }`,
      "a literal value, because plans show this field",
    ],
    [
      "a literal beside it",
      ldap("bindpass: {secretKeyRef: {name: a, key: b}, value: planted-literal}"),
      "secretKeyRef together with other keys, expected secretKeyRef alone, or a literal value alone",
    ],
    [
      "a literal beside it in KV",
      kv("p: {secretKeyRef: {name: a, key: b}, value: planted-literal}"),
      "secretKeyRef together with other keys",
    ],
    ["a namespace", ldap("bindpass: {secretKeyRef: {name: a, key: b, namespace: c}}"), "the unknown key namespace"],
    ["no key", ldap("bindpass: {secretKeyRef: {name: a}}"), "found no key, expected a key of that Secret"],
    ["no name", ldap("bindpass: {secretKeyRef: {key: a}}"), "found no name, expected the name of a Secret"],
    [
      "an empty name",
      ldap(`bindpass: {secretKeyRef: {name: "", key: a}}`),
      "the name of a Secret in Vault's namespace",
    ],
    ["a path as its name", ldap("bindpass: {secretKeyRef: {name: ../a, key: b}}"), "found an invalid name"],
    [
      "a literal in its place",
      kv("p: {secretKeyRef: planted-literal}"),
      "found a string, expected a map with name and key",
    ],
    [
      "a whole map",
      `auth: { o: { type: oidc, config: { oidc_discovery_url: "https://a.example", provider_config: ${ref("a", "b")} } } }`,
      "expected a map",
    ],
    [
      "a boolean",
      `secrets: { db: { type: database, connections: { c: { plugin_name: p, verify_connection: ${ref("a", "b")} } } } }`,
      "a reference to a Secret, whose value is a string, expected",
    ],
    [
      "a value that others depend on",
      `secrets: { ca: { type: pki, intermediate: { common_name: x, parent: ${ref("a", "b")} } } }`,
      "other objects depend on it",
    ],
    ...["parent_issuer", "key_name"].map((field): [string, string, string] => [
      `${field} of a CA, which errors show`,
      `secrets: { ca: { type: pki, intermediate: { common_name: x, parent: root, ${field}: ${ref("a", "b")} } } }`,
      "errors show it",
    ]),
    [
      "the policies of a raw object",
      `raw: { auth/x/role/y: { data: { token_policies: ${ref("a", "b")} } } }`,
      "it names policies",
    ],
    [
      "policies deep in a raw object",
      `raw: { auth/x/config: { write_only: { a: { default_policy: { b: ${ref("a", "b")} } } } } }`,
      "it names policies",
    ],
    ["a raw policy", `raw: { sys/policies/acl/x: { data: { text: ${ref("a", "b")} } } }`, "the object is a policy"],
    ["a raw policy at its older path", `raw: { sys/policy/x: { data: { rules: ${ref("a", "b")} } } }`, "is a policy"],
    [
      "a raw policy in a namespace",
      `namespaces: { team: { raw: { sys/policies/password/x: { data: { text: ${ref("a", "b")} } } } } }`,
      "the object is a policy",
    ],
    [
      "a raw policy by its full path",
      `raw: { team/sys/policies/acl/x: { data: { t: ${ref("a", "b")} } } }`,
      "a policy",
    ],
  ])("is refused with one mistake for %s", (_, yaml, expected) => {
    const mistakes = mistakesIn(yaml);

    expect(mistakes).toEqual([expect.stringContaining(expected)]);
    expect(mistakes.join()).not.toContain("planted");
  });
});
