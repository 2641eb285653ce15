import type { Health } from "../helpers/health.ts";

type Case = readonly [title: string, object: object, expected: Health];

type Condition = { type: string; status: "True" | "False"; message?: string; observedGeneration?: number };

/** The key of argocd-cm with our definition. */
export const secretKey = "resource.customizations.health.secrets.hashicorp.com_VaultStaticSecret";

/** An object as the operator 1.5.0 writes it: its conditions repeat the generation that it has read. */
function secret(status: object, annotations?: object, metadata: object = {}): object {
  return {
    apiVersion: "secrets.hashicorp.com/v1beta1",
    kind: "VaultStaticSecret",
    metadata: {
      name: "db",
      namespace: "app",
      generation: 2,
      creationTimestamp: secondsAgo(60),
      annotations,
      ...metadata,
    },
    status,
  };
}

function secondsAgo(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+/, "");
}

/** When the object was created and changed, and when the operator last wrote its status, in seconds before now. */
function aged(created: number, changed: number, reported: number): object {
  const entry = (age: number) => ({ manager: "argocd-controller", operation: "Update", time: secondsAgo(age) });
  return {
    creationTimestamp: secondsAgo(created),
    managedFields: [entry(changed), { ...entry(reported), subresource: "status" }],
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

const nothingYet: Health = { status: "Progressing", message: "the operator has reported nothing yet" };
const nothingLong = degraded(
  "the operator has reported nothing for two minutes: it does not run, is older than 1.3, or cannot write the Secret. " +
    "See the Events of this object.",
);

/** Secrets with our annotation. */
export const annotated: readonly Case[] = [
  ["a secret that is synced", secret(conditions(ready), marked), healthy],
  [
    "a secret that was refused once and is synced now: the operator keeps the old condition",
    secret(conditions({ type: "SecretSynced", status: "False", message: denied }, ready), marked),
    healthy,
  ],
  [
    "a secret that Vault does not let the operator read",
    secret(conditions({ type: "SecretSynced", status: "False", message: denied }, notReady), marked),
    degraded(denied),
  ],
  [
    "a secret that is not Ready, for which the operator gives no reason",
    secret(conditions(notReady), marked),
    degraded("VaultStaticSecretReady"),
  ],
  ["a secret that the operator has never read", secret({}, marked), nothingYet],
  [
    "a secret on which the operator has reported nothing for more than two minutes",
    secret({}, marked, { creationTimestamp: secondsAgo(200) }),
    nothingLong,
  ],
  [
    "an old secret that was changed a moment ago",
    secret(conditions({ ...ready, observedGeneration: 1 }), marked, aged(5000, 10, 4000)),
    nothingYet,
  ],
  [
    "an old secret on whose change the operator has reported nothing for more than two minutes",
    secret(conditions({ ...ready, observedGeneration: 1 }), marked, aged(5000, 200, 10)),
    nothingLong,
  ],
  [
    "a secret whose change the operator has not read yet",
    secret(conditions({ ...ready, observedGeneration: 1 }), marked),
    nothingYet,
  ],
];

const others: ReadonlyArray<readonly [string, object | undefined]> = [
  ["without annotations", undefined],
  ["with another annotation", { team: "b" }],
  ["with another value of the annotation", { "vault-hooks.dev/health": "hooks" }],
];

/** Secrets without our annotation, such as those of other teams. No wave waits for them, as without our definition. */
export const ofOthers: readonly Case[] = others.map(([title, annotations]) => [
  `one ${title} that is not Ready`,
  secret(conditions(notReady), annotations),
  { status: "Healthy", message: "not assessed" },
]);
