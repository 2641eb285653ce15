import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { Cluster } from "../../../../src/connect/connection.ts";
import { RefusedError } from "../../../../src/errors.ts";
import { endpointKind } from "../../../../src/kinds/model/endpoint.ts";
import { object } from "../../../../src/kinds/model/spec.ts";
import type { Settled } from "../../../../src/plan-apply/ledger/ledger.ts";
import { ensureLedger, saveLedger } from "../../../../src/plan-apply/ledger/store.ts";

const spec = object("one object", {});
const kind = { ...endpointKind({ kind: "object", path: "object", spec }), fields: spec.fields };

/** Objects whose paths cannot be compressed, so that the size of the ledger is known. */
function settledOf(count: number): Settled[] {
  return Array.from({ length: count }, () => {
    const path = randomBytes(3000).toString("base64url");
    return { item: { kind, path, desired: {}, at: { file: "a.yaml", line: 1, column: 1 } }, op: "none" };
  });
}

/** Kubernetes with room for one Secret: the size of a ledger is checked before anything is sent to a server. */
function fakeCluster() {
  const written: unknown[] = [];
  const ignore = () => undefined;
  const cluster = {
    run: { log: { info: ignore, warn: ignore }, settings: { custodyNamespace: "custody" } },
    kube: {
      secret: async () => undefined,
      createSecret: async (_: string, secret: unknown) => {
        written.push(secret);
        return { resourceVersion: "1" };
      },
    },
  } as unknown as Cluster;
  return { cluster, written };
}

const lost = { clusterId: "cluster-1", ledger: undefined, resourceVersion: undefined };

test("ensureLedger creates a lost ledger that fits into a Secret", async () => {
  const { cluster, written } = fakeCluster();
  const settled = settledOf(3);

  const { ledger } = await ensureLedger(cluster, lost, settled);

  expect(ledger?.objects.size).toBe(3);
  expect(written).toHaveLength(1);
});

test("a ledger that is lost and too large stays lost before the changes, and is refused after them", async () => {
  const { cluster, written } = fakeCluster();
  const settled = settledOf(400);

  const opened = await ensureLedger(cluster, lost, settled);
  const result = {
    settled,
    declared: settled.map(({ item }) => item),
    gone: new Set<string>(),
    kubernetesHost: undefined,
  };
  const saving = saveLedger(cluster, opened, result);

  expect(opened).toBe(lost);
  await expect(saving).rejects.toThrow(RefusedError);
  await expect(saving).rejects.toThrow(/400 objects take \d+ bytes, and a Secret holds 1 MiB/);
  expect(written).toEqual([]);
});
