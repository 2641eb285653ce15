import { expect } from "vitest";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { protectCustody } from "../../helpers/protection.ts";
import { type Attacker, type Attempt, openAttacker, type Verdict } from "./attacker.ts";

export const init = "system:serviceaccount:vault:vault-hooks-init";
const users = {
  "a cluster administrator": "admin",
  "Argo CD": "system:serviceaccount:argocd:argocd-application-controller",
  configure: "system:serviceaccount:vault:vault-hooks-configure",
  init,
  "the namespace controller": "system:serviceaccount:kube-system:namespace-controller",
  "the garbage collector": "system:serviceaccount:kube-system:generic-garbage-collector",
} as const;
export type Who = keyof typeof users;
export const everybody = Object.keys(users) as Who[];

export const fingerprint = "0123456789abcdef";
export const archivedFingerprint = "fedcba9876543210";
export const share = Buffer.from("a share").toString("base64");
export const otherShare = Buffer.from("another").toString("base64");

export const namespace = "/api/v1/namespaces/vault-custody";
export const keys = `${namespace}/secrets/vault-unseal-keys`;
export const archive = `${namespace}/secrets/vault-unseal-keys-archive`;
export const journal = `${namespace}/secrets/vault-init-answer`;
export const rootToken = `${namespace}/secrets/vault-root-token`;
export const record = `${namespace}/configmaps/vault-init-record`;

/** A real API server with custody, everything in it, and its policies. */
export type ProtectedCustody = {
  readonly kube: KubeServer;
  send(who: Who, attempt: Attempt): Promise<Verdict>;
  read(path: string): Promise<Record<string, unknown>>;
  /** Everything that must never be lost: UID, data and metadata of each object. */
  objects(): Promise<unknown[]>;
  close(): Promise<void>;
};

/** @param more objects that exist before the policies do */
export async function startProtectedCustody(more: readonly object[] = []): Promise<ProtectedCustody> {
  const kube = await startKube();
  const attacker: Attacker = openAttacker(kube.kubeconfig);
  await kube.apply([...initialObjects(), ...more].map((each) => `---\n${JSON.stringify(each)}\n`).join(""));
  await protectCustody(kube);
  const custody: ProtectedCustody = {
    kube,
    send: (who, attempt) => attacker.send(users[who], attempt),
    read: async (path) => (await attacker.send("admin", { method: "GET", path })).object,
    objects: () =>
      Promise.all(
        [keys, archive, journal, record].map(async (path) => {
          const { metadata, data, immutable } = await custody.read(path);
          const { uid, labels, annotations, ownerReferences, finalizers } = metadata as Record<string, unknown>;
          return { path, data, immutable, uid, labels, annotations, ownerReferences, finalizers };
        }),
      ),
    async close() {
      await attacker.close();
      await kube.close();
    },
  };
  return custody;
}

/** Git's declarations: none. Without it, Kubernetes refuses every deletion of the keys, with another message. */
export const emptyConfig = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "vault-hooks-config", namespace: "vault" },
  data: {},
};

/** The keys are as a person stores them after a rekey: not immutable, so that Kubernetes itself would allow any change. */
function initialObjects(): object[] {
  const named = (kind: string, name: string, within?: string) => ({
    apiVersion: "v1",
    kind,
    metadata: { name, ...(within === undefined ? {} : { namespace: within }) },
  });
  const secret = (name: string, data: object) => ({ ...named("Secret", name, "vault-custody"), data });
  const annotations = { "vault-hooks.dev/fingerprint": fingerprint };
  const unsealKeys = secret("vault-unseal-keys", { "share-0": share, "share-1": share });
  return [
    ...["vault", "vault-custody", "other"].map((name) => named("Namespace", name)),
    { ...unsealKeys, metadata: { ...unsealKeys.metadata, annotations } },
    secret("vault-unseal-keys-archive", { [archivedFingerprint]: share }),
    secret("vault-init-answer", { "share-0": share, token: share, answer: share, fingerprint: share }),
    secret("vault-root-token", { token: share }),
    named("Secret", "vault-unseal-keys", "other"),
    {
      ...named("ConfigMap", "vault-init-record", "vault-custody"),
      data: { intent: "intent-1", statefulSet: "uid", fingerprint, clusterId: "cluster", storage: "{}" },
    },
  ];
}

/** @param expectedStatus 422 where Kubernetes itself refuses, because a policy's parameter does not exist */
export function expectRefused({ status, message }: Verdict, part: string, expectedStatus = 403): void {
  expect(message).toContain(part);
  expect(message).toMatch(/denied request: (?!expression)/);
  expect(status).toBe(expectedStatus);
}

export function expectAllowed({ status, message }: Verdict): void {
  expect(message).toBe("");
  expect(status).toBeLessThan(300);
}

/** @param options of the deletion, such as preconditions */
export function remove(path: string, options: object = {}): Attempt {
  return { method: "DELETE", path, body: options };
}

export function merge(path: string, body: unknown): Attempt {
  return { method: "PATCH", path, body };
}
