import { audit } from "./audit.ts";
import { authMethods } from "./auth-methods.ts";
import { mounts } from "./engine.ts";
import type { Kind } from "./kind.ts";
import { group } from "./part.ts";
import { policies } from "./policy.ts";
import { secretsEngines } from "./secrets-engines.ts";
import { type ObjectSpec, object, string } from "./spec.ts";

/** The one auth mount, role and policy that belong to vault-hooks itself. */
export const reserved = { mount: "vault-hooks", role: "configure", policy: "vault-hooks" } as const;

const ownMount = "Vault mounts it by itself";

/**
 * All parts of a configuration by their keys. What comes first in a run follows from what names what:
 *
 *     audit device    policy    auth mount    secrets mount
 *                       |           |               |
 *                       +-> role <--+-> config      +-> value, key, ...
 */
export const sections = group("all that Vault should hold", {
  audit,
  policies,
  auth: mounts("auth", "auth method", authMethods, { [reserved.mount]: "vault-hooks itself logs in there" }),
  secrets: mounts("secrets", "secrets engine", secretsEngines, {
    sys: ownMount,
    identity: ownMount,
    cubbyhole: ownMount,
  }),
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
