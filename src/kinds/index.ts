import { authMethods } from "./auth/index.ts";
import { identity } from "./identity/identity.ts";
import { mfa } from "./identity/mfa.ts";
import type { Kind } from "./model/kind.ts";
import { group } from "./model/section.ts";
import { type ObjectSpec, object, string } from "./model/spec.ts";
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

/** The one auth mount, role and policy that belong to vault-hooks itself. */
export const reserved = { mount: "vault-hooks", role: "configure", policy: "vault-hooks" } as const;

const ownMount = "Vault mounts it by itself";

/** What Vault's own namespace has, and each other one too. */
const everywhere = {
  policies,
  password_policies: passwordPolicies,
  auth: mounts("auth", "auth method", authMethods, { [reserved.mount]: "vault-hooks itself logs in there" }),
  secrets: mounts("secrets", "secrets engine", secretsEngines, {
    sys: ownMount,
    auth: "Vault has its auth methods there",
    identity: ownMount,
    cubbyhole: ownMount,
  }),
  identity,
  mfa,
  raw,
};

/**
 * All parts of a configuration by their keys. What comes first in a run follows from what names what:
 *
 *     audit device    policy    auth mount    secrets mount
 *                       |         |   |           |
 *                       +-> role <+---|-> config  +-> value, key, ...
 *                       |             v
 *                       +-> entity -> alias
 *                       +-> group --> alias, members
 */
export const sections = group("all that Vault should hold", {
  ...everywhere,
  audit,
  quotas,
  plugins,
  raft,
  namespaces: namespaces(everywhere),
});

/** Every kind there is. */
export const kinds: readonly Kind[] = sections.kinds;

/** The whole of a configuration. */
export const rootSpec: ObjectSpec = {
  ...sections.spec,
  fields: {
    ...sections.spec.fields,
    recovery: object("words that let init go on where it refuses to lose data; see docs/runbook.md", {
      acceptDataLoss: string("the fingerprint of the unseal keys whose data is lost"),
      remakeUnused: string("the id of the intent whose Vault was never used"),
    }),
  },
};
