import { authMethods } from "./auth/index.ts";
import { identity } from "./identity/identity.ts";
import { mfa } from "./identity/mfa.ts";
import type { Kind } from "./model/kind.ts";
import { group } from "./model/section.ts";
import { list, type ObjectSpec, object, string } from "./model/spec.ts";
import { mounts } from "./mount/engine.ts";
import { raw } from "./raw/raw.ts";
import { secretsEngines } from "./secrets/index.ts";
import { audit } from "./system/audit.ts";
import { namespaces } from "./system/namespaces.ts";
import { passwordPolicies } from "./system/password-policy.ts";
import { plugins } from "./system/plugins.ts";
import { policies } from "./system/policy.ts";
import { quotas } from "./system/quotas.ts";
import { raft } from "./system/raft.ts";

/** The auth mount of vault-hooks' own login, with the role and policy of `configure`, and those of `plan` and `status`. */
export const reserved = {
  mount: "vault-hooks",
  role: "configure",
  policy: "vault-hooks",
  readerRole: "plan",
  readerPolicy: "vault-hooks-plan",
} as const;

const builtin = "Vault mounts it itself";

/** Sections of the root namespace and of all others. */
const namespaceSections = {
  policies,
  password_policies: passwordPolicies,
  auth: mounts("auth", "auth method", authMethods, { [reserved.mount]: "it is the mount of vault-hooks' own login" }),
  secrets: mounts("secrets", "secrets engine", secretsEngines, {
    sys: builtin,
    auth: "it is the prefix of auth methods",
    identity: builtin,
    cubbyhole: builtin,
  }),
  identity,
  mfa,
  raw,
};

/**
 * All sections of a configuration, by key. The order of writes follows from references between objects:
 *
 *     audit device    policy    auth mount    secrets mount
 *                       |         |   |           |
 *                       +-> role <+---|-> config  +-> value, key, ...
 *                       |             v
 *                       +-> entity -> alias
 *                       +-> group --> alias, members
 */
export const sections = group("the desired state of Vault", {
  ...namespaceSections,
  audit,
  quotas,
  plugins,
  raft,
  namespaces: namespaces(namespaceSections),
});

/** All kinds. */
export const kinds: readonly Kind[] = sections.kinds;

/** The specification of a whole configuration. */
export const rootSpec: ObjectSpec = {
  ...sections.spec,
  fields: {
    ...sections.spec.fields,
    recovery: object("confirmations that a person gives once, each for one loss; see docs/runbook.md", {
      acceptDataLoss: string("fingerprint of the unseal keys whose data is lost"),
      remakeUnused: string("ID of the intent whose Vault was never used"),
      removePeers: list("Raft peers without a pod, which configure removes after the StatefulSet was scaled down"),
    }),
  },
};
