import { AppError, NotReadyError } from "../../errors.ts";
import { memoize } from "../../util/memoize.ts";
import type { Answer } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { vaultPath } from "../../vault/path.ts";
import { diffFields, requestOf, writable } from "../model/endpoint.ts";
import { dataOf, type Item, type Kind, type LiveReader } from "../model/kind.ts";
import type { Section } from "../model/section.ts";
import { bool, fileName, named, object, policyText, time } from "../model/spec.ts";
import type { Values } from "../model/values.ts";

/** Options that only OpenBao has (docs/adr/0031-policy-options.md). */
const options = {
  allow_slashes_in_identity_templates: bool("values of identity templates in its paths may contain / (OpenBao)"),
  allow_wildcards_in_identity_templates: bool(
    "values of identity templates in its paths may contain * and + (OpenBao)",
  ),
  cas_required: bool("every write must name the version that it replaces, as configure does (OpenBao)"),
  expiration: time('when the server deletes it, such as 2030-12-31T23:59:59Z; "" for never (OpenBao)'),
};

const fields = { policy: policyText("text of the policy"), ...options };

/** A policy that declares these differs from one with any other option. Vault ignores them. */
export const defaultOptions: Readonly<Record<keyof typeof options, unknown>> = {
  allow_slashes_in_identity_templates: false,
  allow_wildcards_in_identity_templates: false,
  cas_required: false,
  expiration: "",
};

/**
 * A write resets the options that it omits, so writes include the live ones.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/system/policies
 * @see https://openbao.org/api-docs/system/policies/
 */
export const policyKind: Kind = {
  name: "policy",
  fields,
  async read(reader, item) {
    const name = item.path.slice(policyPath("").length);
    if (readersMissingPolicies.has(reader) && (await listPolicies(reader))?.has(name) === false) return undefined;
    const found = dataOf(await reader.once(vaultPath(item.path)).catch(undefinedIfMissing(reader, name)), item.path);
    if (found === undefined) readersMissingPolicies.add(reader);
    return found;
  },
  diff: (item, live) => diffFields("policy", fields, item, live),
  async write(vault, { item, live }) {
    const values = { ...writable(options, live ?? {}), ...item.desired };
    const request = { ...requestOf(fields, values), ...casOf(live) };
    await vault.write(vaultPath(item.path), request).catch(changedMeanwhile(item));
  },
  requiredPaths: (item) => [{ path: item.path, sudo: true }],
};

/**
 * The version that a write replaces, -1 for a new policy. OpenBao then refuses to overwrite what another writer created or changed since
 * the plan, including options that are sent back as they were read. Vault has no versions and ignores -1.
 */
function casOf(live: Values | undefined): Values {
  if (live === undefined) return { cas: -1 };
  return typeof live["version"] === "number" ? { cas: live["version"] } : {};
}

/** A new plan has the new version, so a retry succeeds. */
function changedMeanwhile({ path }: Item) {
  return (error: unknown): never => {
    const isOtherVersion = /check-and-set parameter .*(did not match|existing entry)/;
    if (!(error instanceof VaultError) || !error.errors.some((each) => isOtherVersion.test(each))) throw error;
    throw new NotReadyError(`write ${path}: somebody else has written the policy since the plan`, {
      cause: error,
      todo: "Run it again: the next plan starts from what they wrote.",
    });
  };
}

/**
 * Readers that found a policy missing. Then many may be missing, as in a new Vault, so one list request replaces a read of each.
 * Until then no list is requested, because Vault may hold a hundred times as many policies as are declared.
 */
const readersMissingPolicies = new WeakSet<LiveReader>();

const namesIn = memoize((answer: Answer): ReadonlySet<string> | undefined => {
  const keys = (answer["data"] as { keys?: unknown } | undefined)?.keys;
  return Array.isArray(keys) ? new Set(keys.map(String)) : undefined;
});

/**
 * Lists the names of all policies, in one request.
 * @returns undefined if the token may not list them
 */
export async function listPolicies({ once }: Pick<LiveReader, "once">): Promise<ReadonlySet<string> | undefined> {
  const answer = await once("sys/policies/acl?list=true").catch(undefinedIfDenied);
  return answer === undefined ? undefined : namesIn(answer);
}

/** Vault also answers 403 for a missing policy if the token may not read it, so the list decides. */
function undefinedIfMissing(reader: LiveReader, name: string) {
  return async (error: unknown): Promise<undefined> => {
    if (error instanceof VaultError && error.status === 403 && (await listPolicies(reader))?.has(name) === false)
      return;
    throw error;
  };
}

/** A token that may read policies need not be allowed to list them. */
function undefinedIfDenied(error: unknown): undefined {
  if (error instanceof AppError) return undefined;
  throw error;
}

export function policyPath(name: string): string {
  return `sys/policies/acl/${name}`;
}

const builtin = "Vault does not allow changing it";

const spec = named(
  "policy",
  "ACL policies by name",
  object(
    "an ACL policy, in HCL or JSON",
    {
      file: fileName("file of the policy in this folder", { ending: ".hcl" }),
      hcl: policyText("text of the policy"),
      ...options,
    },
    { oneOf: ["file", "hcl"] },
  ),
  {
    "vault-hooks": "it is the policy of vault-hooks' own login",
    "vault-hooks-plan": "it is a policy of vault-hooks' own login",
    root: builtin,
    "response-wrapping": builtin,
  },
);

/** Loading replaces `file` with the file's text in `hcl`. */
export const policies: Section = {
  kinds: [policyKind],
  spec,
  compile: (value, { originOf }) =>
    Object.entries(value as Record<string, Values>).map(([name, declared]): Item => {
      const { file: _, hcl: policy, ...others } = declared;
      return { kind: policyKind, path: policyPath(name), desired: { policy, ...others }, at: originOf(declared) };
    }),
};
