import { auditKind, auditSpec } from "./audit.ts";
import type { Engine } from "./engine.ts";
import type { Kind } from "./kind.ts";
import { kubernetesAuth } from "./kubernetes-auth.ts";
import { kv } from "./kv.ts";
import { mountKinds, type Section } from "./mount.ts";
import { policiesSpec, policyKind } from "./policy.ts";
import { type NamedSpec, named, object, string, type VariantSpec } from "./spec.ts";
import { transit } from "./transit.ts";

/** Types of auth methods and secrets engines. A new one is a file and a word here. */
export const engines: readonly Engine[] = [kubernetesAuth, kv, transit];

/**
 * Every kind there is. What comes first in a run follows from what names what:
 *
 *     audit device    policy    auth mount    secrets mount
 *                       |           |               |
 *                       +-> role <--+-> config      +-> value, key, ...
 */
export const kinds: readonly Kind[] = [
  auditKind,
  policyKind,
  mountKinds.auth,
  mountKinds.secrets,
  ...engines.flatMap(({ parts }) => Object.values(parts).flatMap((part) => part.kinds)),
];

/** The one auth mount, role and policy that belong to vault-hooks itself. */
export const reserved = { mount: "vault-hooks", role: "configure", policy: "vault-hooks" } as const;

/** The whole of a configuration. */
export const rootSpec = object(
  "all that Vault should hold",
  {
    audit: auditSpec,
    policies: policiesSpec,
    auth: mountsSpec("auth", "auth method", {
      [reserved.mount]: "vault-hooks itself logs in there",
      token: "Vault mounts it by itself",
    }),
    secrets: mountsSpec("secrets", "secrets engine", {
      sys: "Vault mounts it by itself",
      identity: "Vault mounts it by itself",
      cubbyhole: "Vault mounts it by itself",
    }),
    recovery: object("words that let init go on where it refuses to lose data; see docs/runbook.md", {
      acceptDataLoss: string("the fingerprint of the unseal keys whose data is lost"),
      remakeUnused: string("the id of the intent whose Vault was never used"),
    }),
  },
  { split: true },
);

function mountsSpec(section: Section, what: string, taken: NamedSpec["reserved"]): NamedSpec {
  const ofSection = engines.filter((each) => each.section === section);
  const variant: VariantSpec = {
    type: "variant",
    describe: `one ${what}`,
    of: Object.fromEntries(ofSection.map((each) => [each.type, each.spec])),
  };
  return named(what, `${what}s by the path they are mounted at`, variant, taken);
}
