import { vaultPath } from "../vault/path.ts";
import { diffFields } from "./endpoint.ts";
import { dataOf, type Item, type Kind } from "./kind.ts";
import type { Part } from "./part.ts";
import { named, object, string } from "./spec.ts";

const fields = { policy: string("the policy's text", { syntax: "policy" }) };

/** @see https://developer.hashicorp.com/vault/api-docs/system/policies */
export const policyKind: Kind = {
  name: "policy",
  fields,
  async read(live, item) {
    return dataOf(await live.once(vaultPath(item.path)), item.path);
  },
  diff: (item, live) => diffFields("policy", fields, item, live),
  async write(vault, { item }) {
    await vault.write(vaultPath(item.path), item.desired);
  },
  needs: (item) => [{ path: item.path, sudo: true }],
};

export function policyPath(name: string): string {
  return `sys/policies/acl/${name}`;
}

const spec = named(
  "policy",
  "ACL policies by name",
  object(
    "one policy, in HCL or JSON",
    {
      file: string("its file in this folder", { file: ".hcl" }),
      hcl: string("its text", { syntax: "policy" }),
    },
    { oneOf: ["file", "hcl"] },
  ),
  {
    "vault-hooks": "it is the policy that vault-hooks itself logs in with",
    root: "Vault lets nobody change it",
  },
);

/** After loading, each has its text under `hcl`, wherever it stands. */
export const policies: Part = {
  kinds: [policyKind],
  spec,
  compile: (value, { originOf }) =>
    Object.entries(value as Record<string, { hcl: string }>).map(
      ([name, policy]): Item => ({
        kind: policyKind,
        path: policyPath(name),
        desired: { policy: policy.hcl },
        at: originOf(policy),
      }),
    ),
};
