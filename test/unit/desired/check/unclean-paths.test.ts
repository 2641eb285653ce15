import { describe, expect, it } from "vitest";
import { desiredOf, mistakesIn } from "../desired.ts";

const unclean = ["a//b", "a/./b", "a/../b", "a/..", "./a"];

const places: [place: string, yamlWith: (path: string) => string, at: RegExp][] = [
  ["a raw path", (path) => `raw: { ${path}: { data: {} } }`, /^a\.yaml:1:8: raw\./],
  ["a secrets engine", (path) => `secrets: { ${path}: { type: transit } }`, /^a\.yaml:1:12: secrets\./],
  ["an auth method", (path) => `auth: { ${path}: { type: approle } }`, /^a\.yaml:1:9: auth\./],
  ["a policy's name", (path) => `policies: { ${path}: { hcl: '# none' } }`, /^a\.yaml:1:13: policies\./],
  ["a namespace", (path) => `namespaces: { ${path}: {} }`, /^a\.yaml:1:15: namespaces\./],
  [
    "a KV path",
    (path) => `secrets: { kv: { type: kv, values: { ${path}: { k: v } } } }`,
    /^a\.yaml:1:38: secrets\.kv\./,
  ],
  [
    "the KV path of a secret id",
    (path) => `auth: { r: { type: approle, roles: { s: { secret_ids: { ${path}: {} } } } } }`,
    /^a\.yaml:1:57: auth\.r\.roles\.s\.secret_ids\./,
  ],
  ["an audit device", (path) => `audit: { ${path}: { type: file } }`, /^a\.yaml:1:10: audit\./],
  [
    "the mount of a parent CA",
    (path) => `secrets: { ca: { type: pki, intermediate: { common_name: x, parent: ${path} } } }`,
    /^a\.yaml:1:69: secrets\.ca\.intermediate\.parent: /,
  ],
  [
    "the issuer of a parent CA",
    (path) => `secrets: { ca: { type: pki, intermediate: { common_name: x, parent: p, parent_issuer: ${path} } } }`,
    /^a\.yaml:1:87: secrets\.ca\.intermediate\.parent_issuer: /,
  ],
];

describe("a path with an empty segment, . or .., which Vault refuses", () => {
  it.each(places.flatMap(([place, yamlWith, at]) => unclean.map((path) => ({ place, path, yamlWith, at }))))(
    "is refused once, at its line: $path as $place",
    ({ path, yamlWith, at }) => {
      const mistakes = mistakesIn(yamlWith(path));

      expect(mistakes).toEqual([expect.stringMatching(at)]);
    },
  );

  it.each(unclean)("gives one warning at its line in a policy, which Vault accepts: %s", (path) => {
    const hcl = `path "kv/*" { capabilities = ["read"] }\npath "${path}" { capabilities = ["read"] }`;

    const { warnings } = desiredOf({ "a.yaml": "policies: { p: { file: p.hcl } }", "p.hcl": hcl });

    expect(warnings.map(({ text }) => text)).toEqual([
      `p.hcl:2:6: policies.p: found path "${path}", expected no "//" and no segment "." or "..", since Vault refuses requests with them`,
    ]);
  });

  it.each(["a/b/", "/a/b", "a/.hidden/..more", "a/b...", "+/{{identity.entity.name}}/*"])(
    "is not taken for %s in a policy",
    (path) => {
      const hcl = `path "${path}" { capabilities = ["read"] }`;

      expect(desiredOf({ "a.yaml": "policies: { p: { file: p.hcl } }", "p.hcl": hcl }).warnings).toEqual([]);
    },
  );
});
