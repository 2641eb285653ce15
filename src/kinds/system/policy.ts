import { AppError } from "../../errors.ts";
import { memoize } from "../../util/memoize.ts";
import type { Answer } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { vaultPath } from "../../vault/path.ts";
import { diffFields } from "../model/endpoint.ts";
import { dataOf, type Item, type Kind, type Live } from "../model/kind.ts";
import type { Section } from "../model/section.ts";
import { named, object, string } from "../model/spec.ts";

const fields = { policy: string("the policy's text", { syntax: "policy" }) };

/** @see https://developer.hashicorp.com/vault/api-docs/system/policies */
export const policyKind: Kind = {
  name: "policy",
  fields,
  async read(live, item) {
    const name = item.path.slice(policyPath("").length);
    if (lacking.has(live) && (await heldPolicies(live))?.has(name) === false) return undefined;
    const held = dataOf(await live.once(vaultPath(item.path)).catch(unlessMissing(live, name)), item.path);
    if (held === undefined) lacking.add(live);
    return held;
  },
  diff: (item, live) => diffFields("policy", fields, item, live),
  async write(vault, { item }) {
    await vault.write(vaultPath(item.path), item.desired);
  },
  requiredPaths: (item) => [{ path: item.path, sudo: true }],
};

/**
 * Where one was not there, many may be missing, as in a new Vault: then their names tell which, in one request. While all are
 * there the names are not asked for, since Vault may hold a hundred times as many as are declared.
 */
const lacking = new WeakSet<Live>();

const namesIn = memoize((answer: Answer): ReadonlySet<string> | undefined => {
  const keys = (answer["data"] as { keys?: unknown } | undefined)?.keys;
  return Array.isArray(keys) ? new Set(keys.map(String)) : undefined;
});

/**
 * The names of all policies, in one request.
 * @returns undefined where Vault does not tell
 */
export async function heldPolicies({ once }: Pick<Live, "once">): Promise<ReadonlySet<string> | undefined> {
  const answer = await once("sys/policies/acl?list=true").catch(unlessDenied);
  return answer === undefined ? undefined : namesIn(answer);
}

/** A token that may not read a policy is told so of one that does not exist too. */
function unlessMissing(live: Live, name: string) {
  return async (error: unknown): Promise<undefined> => {
    if (error instanceof VaultError && error.status === 403 && (await heldPolicies(live))?.has(name) === false) return;
    throw error;
  };
}

/** To read a policy, a token need not be allowed to list them. */
function unlessDenied(error: unknown): undefined {
  if (error instanceof AppError) return undefined;
  throw error;
}

export function policyPath(name: string): string {
  return `sys/policies/acl/${name}`;
}

const fixed = "Vault lets nobody change it";

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
    root: fixed,
    "response-wrapping": fixed,
  },
);

/** After loading, each has its text under `hcl`, wherever it stands. */
export const policies: Section = {
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
