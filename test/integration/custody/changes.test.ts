import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Attempt } from "./attacker.ts";
import {
  archive,
  archivedFingerprint,
  everybody,
  expectAllowed,
  expectRefused,
  fingerprint,
  journal,
  keys,
  merge,
  namespace,
  otherShare,
  type ProtectedCustody,
  record,
  remove,
  rootToken,
  share,
  startProtectedCustody,
  type Who,
} from "./protected-custody.ts";

let custody: ProtectedCustody;

beforeAll(async () => {
  custody = await startProtectedCustody();
});
afterAll(() => custody.close());

const jsonPatch = (path: string, ...body: object[]): Attempt => ({
  method: "PATCH",
  path,
  body,
  type: "application/json-patch+json",
});
/** A full replacement; a person who runs `kubectl replace` keeps the annotations. */
function replace(name: string, data: object | undefined): Attempt {
  const annotations = { "vault-hooks.dev/fingerprint": fingerprint };
  const metadata = { name, namespace: "vault-custody", annotations };
  return {
    method: "PUT",
    path: `${namespace}/secrets/${name}`,
    body: { apiVersion: "v1", kind: "Secret", metadata, data },
  };
}
/** As Argo CD applies an object, with the annotation by which it finds what it may prune. */
const tracked = (path: string): Attempt => ({
  method: "PATCH",
  path: `${path}?fieldManager=argocd-controller&force=true`,
  type: "application/apply-patch+yaml",
  body: {
    apiVersion: "v1",
    kind: path === record ? "ConfigMap" : "Secret",
    metadata: { annotations: { "argocd.argoproj.io/tracking-id": "attack:/Secret:vault-custody/x" } },
  },
});

const metadataChanges: [what: string, attempt: (path: string) => Attempt][] = [
  ["tracks it, as Argo CD does,", tracked],
  [
    "labels it as part of an Application",
    (path) => merge(path, { metadata: { labels: { "app.kubernetes.io/instance": "attack" } } }),
  ],
  ["gives it an owner", (path) => merge(path, { metadata: { ownerReferences: [owner] } })],
  ["adds a finalizer", (path) => merge(path, { metadata: { finalizers: ["example.com/never"] } })],
  ["makes it immutable", (path) => merge(path, { immutable: true })],
];
const owner = { apiVersion: "v1", kind: "ConfigMap", name: "gone", uid: "00000000-0000-0000-0000-000000000000" };

describe("a change of metadata is refused to everybody:", () => {
  const paths = { keys, archive, journal, record };
  const cases = Object.entries(paths).flatMap(([name, path]) =>
    metadataChanges.map(([what, attempt]) => [name, what, attempt(path)] as const),
  );

  it.each(cases)("%s: nobody %s", async (_, __, attempt) => {
    for (const who of everybody) {
      expectRefused(await custody.send(who, attempt), "nobody may change its labels, annotations, owners or finali");
    }
  });

  it("the keys: nobody removes the annotation with their fingerprint", async () => {
    for (const who of everybody) {
      const verdict = await custody.send(who, merge(keys, { metadata: { annotations: null } }));
      expectRefused(verdict, "nobody may change its labels, annotations, owners or finalizers");
    }
  });
});

const changes: [what: string, attempt: Attempt, message: string][] = [
  ["empties the keys", merge(keys, { data: null }), "its entries may not be changed or removed"],
  [
    "removes a share",
    jsonPatch(keys, { op: "remove", path: "/data/share-0" }),
    "its entries may not be changed or removed",
  ],
  ["changes a share", merge(keys, { data: { "share-0": otherShare } }), "its entries may not be changed or removed"],
  [
    "changes a share as text",
    merge(keys, { stringData: { "share-0": "x" } }),
    "its entries may not be changed or removed",
  ],
  [
    "replaces the keys",
    replace("vault-unseal-keys", { "share-0": otherShare }),
    "its entries may not be changed or removed",
  ],
  [
    "replaces the keys by nothing",
    replace("vault-unseal-keys", undefined),
    "its entries may not be changed or removed",
  ],
  ["empties the archive", merge(archive, { data: null }), "its entries may not be changed or removed"],
  [
    "changes the archive",
    merge(archive, { data: { [archivedFingerprint]: otherShare } }),
    "its entries may not be changed or removed",
  ],
  ["empties the journal", merge(journal, { data: null }), "its entries may not be changed or removed"],
  [
    "removes a share from the journal",
    merge(journal, { data: { "share-0": null } }),
    "its entries may not be changed or removed",
  ],
  ["empties the record", merge(record, { data: null }), "may not be removed"],
  ["removes the intent", merge(record, { data: { intent: "" } }), "may not be removed"],
  ["removes the StatefulSet", merge(record, { data: { statefulSet: null } }), "may not be removed"],
  ["removes the fingerprint", merge(record, { data: { fingerprint: null } }), "may not be removed"],
  ["clears the fingerprint", merge(record, { data: { fingerprint: "" } }), "may not be removed"],
  ["changes the fingerprint", merge(record, { data: { fingerprint: archivedFingerprint } }), "may not be changed"],
];

describe("a change of data is refused to everybody:", () => {
  it.each(everybody.flatMap((who) => changes.map((each) => [who, ...each] as const)))(
    "%s %s",
    async (who, _, attempt, message) => {
      const before = await custody.objects();

      expectRefused(await custody.send(who, attempt), message);
      expect(await custody.objects()).toEqual(before);
    },
  );
});

describe("a change that loses nothing is allowed:", () => {
  const allowed: [who: Who, what: string, attempt: Attempt][] = [
    ["init", "adds keys to the archive", merge(archive, { data: { [fingerprint]: share } })],
    ["a cluster administrator", "adds keys to the archive", merge(archive, { data: { [fingerprint]: share } })],
    [
      "init",
      "begins a new record",
      merge(record, { data: { intent: "intent-2", fingerprint: null, clusterId: null } }),
    ],
    ["a cluster administrator", "removes the cluster id from the record", merge(record, { data: { clusterId: null } })],
    ["init", "records that Vault is unsealed", merge(record, { data: { unsealedAt: "2026-01-01" } })],
    [
      "a cluster administrator",
      "corrects the journal",
      merge(journal, { data: { answer: null, fingerprint: null, token: otherShare } }),
    ],
    ["configure", "deletes the root token", remove(rootToken)],
    ["a cluster administrator", "deletes the root token", remove(rootToken)],
    ["a cluster administrator", "deletes another namespace", remove("/api/v1/namespaces/other")],
    [
      "a cluster administrator",
      "deletes a Secret of another namespace",
      remove("/api/v1/namespaces/other/secrets/vault-unseal-keys"),
    ],
    ["Argo CD", "labels the namespace", merge(namespace, { metadata: { labels: { team: "vault" } } })],
  ];

  it.each(allowed)("%s %s", async (who, _, attempt) => {
    expectAllowed(await custody.send(who, { ...attempt, dryRun: true }));
  });

  it.each(["a cluster administrator", "init"] as const)("%s deletes the journal by its UID", async (who) => {
    const { uid } = (await custody.read(journal))["metadata"] as { uid: string };

    expectAllowed(await custody.send(who, { ...remove(journal, { preconditions: { uid } }), dryRun: true }));
  });

  it.each(everybody)(
    "%s writes every object again unchanged, as after a change of the encryption at rest",
    async (who) => {
      for (const path of [keys, archive, journal, record, rootToken]) {
        expectAllowed(await custody.send(who, { method: "PUT", path, body: await custody.read(path) }));
      }
    },
  );
});

it.each(everybody)("in a journal that needs no correction, a changed share is refused to %s", async (who) => {
  // without "answer", its response to init matched the request
  await custody.send("a cluster administrator", merge(journal, { data: { answer: null, fingerprint: null } }));

  expectRefused(
    await custody.send(who, merge(journal, { data: { "share-0": otherShare } })),
    "its entries may not be changed or removed",
  );
});
