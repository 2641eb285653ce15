import type { Health } from "../helpers/health.ts";

type Case = readonly [title: string, object: object, expected: Health];

type Condition = { type: string; status: "True" | "False"; message?: string; observedGeneration?: number };

/** The keys of argocd-cm with our definitions. */
export const healthKey = {
  VaultAuth: "resource.customizations.health.secrets.hashicorp.com_VaultAuth",
  VaultStaticSecret: "resource.customizations.health.secrets.hashicorp.com_VaultStaticSecret",
} as const;

/** An object as the operator 1.5.0 writes it: its conditions repeat the generation that it has read. */
function object(kind: keyof typeof healthKey, status: object, annotations?: object): object {
  return {
    apiVersion: "secrets.hashicorp.com/v1beta1",
    kind,
    metadata: { name: "db", namespace: "app", generation: 2, annotations },
    status,
  };
}

const condition = (each: Condition) => ({ observedGeneration: 2, message: "", reason: each.type, ...each });
const conditions = (...all: Condition[]) => ({ conditions: all.map(condition) });
const marked = { "vault-hooks.dev/health": "ready" };
const healthy: Health = { status: "Healthy", message: "ready" };
const degraded = (message: string): Health => ({ status: "Degraded", message });

const ready: Condition = { type: "Ready", status: "True" };
const notReady: Condition = { type: "Ready", status: "False", message: "VaultStaticSecretReady" };
const denied = "Failed to sync the secret, horizon=5s, err=Code: 403. Errors: permission denied";

/** VaultAuth and VaultStaticSecret with our annotation. */
export const annotated: readonly Case[] = [
  ["a secret that is synced", object("VaultStaticSecret", conditions(ready), marked), healthy],
  [
    "a secret that was refused once and is synced now: the operator keeps the old condition",
    object("VaultStaticSecret", conditions({ type: "SecretSynced", status: "False", message: denied }, ready), marked),
    healthy,
  ],
  [
    "a secret that Vault does not let the operator read",
    object(
      "VaultStaticSecret",
      conditions({ type: "SecretSynced", status: "False", message: denied }, notReady),
      marked,
    ),
    degraded(denied),
  ],
  [
    "a secret that is not Ready, for which the operator gives no reason",
    object("VaultStaticSecret", conditions(notReady), marked),
    degraded("VaultStaticSecretReady"),
  ],
  [
    "a secret that the operator has never read",
    object("VaultStaticSecret", {}, marked),
    { status: "Progressing", message: "the operator has not read it from Vault yet" },
  ],
  [
    "a secret whose change the operator has not read yet",
    object("VaultStaticSecret", conditions({ ...ready, observedGeneration: 1 }), marked),
    { status: "Progressing", message: "the operator has not read it from Vault yet" },
  ],
  ["a login that is accepted", object("VaultAuth", { valid: true, ...conditions(ready) }, marked), healthy],
  [
    "a login without its VaultConnection",
    object("VaultAuth", { error: 'VaultConnection "default" not found', ...conditions(notReady) }, marked),
    degraded('VaultConnection "default" not found'),
  ],
  [
    "a login that the operator has not checked yet",
    object("VaultAuth", { error: "old", ...conditions({ ...notReady, observedGeneration: 1 }) }, marked),
    { status: "Progressing", message: "the operator has not checked it yet" },
  ],
];

const others: ReadonlyArray<readonly [string, object | undefined]> = [
  ["without annotations", undefined],
  ["with another annotation", { team: "b" }],
  ["with another value of the annotation", { "vault-hooks.dev/health": "hooks" }],
];

/** Objects without our annotation, such as those of other teams. No wave waits for them, as without our definitions. */
export const ofOthers: readonly Case[] = others.flatMap(([title, annotations]) =>
  (["VaultAuth", "VaultStaticSecret"] as const).map(
    (kind): Case => [
      `a ${kind} ${title} that is not Ready`,
      object(kind, conditions(notReady), annotations),
      { status: "Healthy", message: "not assessed" },
    ],
  ),
);

export function keyOf(each: object): string {
  return healthKey[(each as { kind: keyof typeof healthKey }).kind];
}
