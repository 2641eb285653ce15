import { describe, expect, it } from "vitest";
import type { Facts } from "../../../src/argocd/facts.ts";
import { absent, active, again, deleting, factsWith, running, summary, times } from "./facts.ts";

const operation = { sync: {} };

describe("a running operation", () => {
  const waiting = "waiting for healthy state of apps/StatefulSet/vault and 3 more resources";
  const states = (facts: Parameters<typeof factsWith>[0], message = waiting, more = {}) =>
    factsWith({ operation, ...facts, status: { ...facts?.status, operationState: running(message, more) } });
  const gone = { name: "vault", exists: false };
  const namespaces = { resources: [{ kind: "Namespace", name: "vault" }] };

  it.each<[string, Facts, string]>([
    ["began before the namespace was created again", states({ namespace: again }), "terminate NamespaceDeleted"],
    [
      "began before the namespace was created again, and pauses before a retry",
      states({ namespace: again }, "Retrying", { finishedAt: times.operationEnded }),
      "terminate NamespaceDeleted",
    ],
    [
      "waits for a hook in a namespace that is being deleted",
      states({ namespace: deleting }, "waiting for completion of hook batch/Job/vault-init"),
      "terminate NamespaceDeleted",
    ],
    ["waits without its namespace", states({ namespace: absent }), "terminate NamespaceDeleted"],
    [
      "of the root waits for the namespace that was deleted",
      states(
        { namespace: absent, runsHooks: false, status: namespaces },
        "waiting for healthy state of /Namespace/vault",
      ),
      "terminate NamespaceDeleted",
    ],
    ["waits without its StatefulSet", states({ statefulSet: gone }), "terminate StatefulSetDeleted"],
  ])("is ended when it %s", (_, facts, expected) => {
    expect(summary(facts)).toBe(expected);
  });

  it.each<[string, Facts]>([
    ["began after the namespace was created", states({ namespace: active })],
    [
      "has waited without a namespace for a short time",
      states({ namespace: absent, unchangedMs: { operation: 29_000 } }),
    ],
    [
      "waits without a namespace that was deleted just now",
      states({ namespace: absent, unchangedMs: { namespace: 29_000 } }),
    ],
    [
      "pauses before a retry without a namespace",
      states({ namespace: absent }, "", { finishedAt: times.operationEnded }),
    ],
    [
      "waits in a namespace whose deletion began just now",
      states({ namespace: deleting, unchangedMs: { namespace: 29_000 } }),
    ],
    [
      "of the root waits for the namespace that is being deleted",
      states({ namespace: deleting, runsHooks: false, status: namespaces }),
    ],
    ["pauses in a namespace that is being deleted", states({ namespace: deleting }, "", { finishedAt: times.synced })],
    [
      "waits in a namespace that is deleted a second time",
      states({ namespace: { ...again, state: "deleting" }, unchangedMs: { namespace: 0 } }),
    ],
    ["of the root made the namespace", states({ namespace: again, runsHooks: false, status: namespaces })],
    [
      "made the namespace by CreateNamespace",
      states({
        namespace: again,
        spec: {
          destination: { namespace: "vault" },
          syncPolicy: { automated: {}, syncOptions: ["CreateNamespace=true"] },
        },
      }),
    ],
    [
      "waits for a StatefulSet that was deleted just now",
      states({ statefulSet: gone, unchangedMs: { statefulSet: 59_000 } }),
    ],
    [
      "waits for something else without a StatefulSet",
      states({ statefulSet: gone }, "waiting for completion of hook batch/Job/vault-init"),
    ],
    ["waits for a StatefulSet that nobody could read", states({ statefulSet: { name: "vault", exists: undefined } })],
  ])("is left alone when it %s", (_, facts) => {
    expect(summary(facts)).toBe("wait");
  });
});
