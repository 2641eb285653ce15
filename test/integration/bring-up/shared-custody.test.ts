import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { fingerprintOf } from "../../../src/custody/fingerprint.ts";
import { formatKeys } from "../../../src/custody/keys-data.ts";
import { expectCode, type Fixture, failure, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture(1);
});
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());

/** Valid keys that belong to no Vault. */
function foreignKeys(): Record<string, string> {
  const shares = [1, 2, 3].map((byte) => Buffer.alloc(33, byte).toString("base64"));
  return formatKeys({ shares, threshold: 2, fingerprint: fingerprintOf(shares), created: "2026-01-01T00:00:00.000Z" });
}

async function writeKeys(data: Record<string, string>): Promise<void> {
  const metadata = { name: "vault-unseal-keys", namespace: "vault-custody" };
  await fixture.kube.apply(stringify({ apiVersion: "v1", kind: "Secret", metadata, stringData: data }));
}

const labels = { app: "other" };
const spec = {
  replicas: 0,
  serviceName: "other",
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers: [{ name: "other", image: "other" }] } },
};

describe("init, when custody belongs to another StatefulSet,", () => {
  const ids = async () =>
    await fixture.kube.kubectl(["get", "statefulset", "vault", "-n", "other", "-o=jsonpath={.metadata.uid}"]);
  const other = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "vault", namespace: "other" }, spec };

  it.each([
    ["exists", (uid: string) => uid, "belongs to StatefulSet other/vault", undefined],
    ["was recreated", () => "uid-of-one-that-is-gone", "the storage was lost", undefined],
    ["may not be read", () => "uid-of-one-that-is-gone", "belongs to StatefulSet other/vault", "init"],
  ])("refuses when the other one %s", async (_, owner, part, as) => {
    await fixture.kube.apply(`{apiVersion: v1, kind: Namespace, metadata: {name: other}}\n---\n${stringify(other)}`);
    await writeKeys(foreignKeys());
    const record = { intent: "x", statefulSet: owner(await ids()), namespace: "other", name: "vault", storage: "{}" };
    const metadata = { name: "vault-init-record", namespace: "vault-custody" };
    await fixture.kube.apply(stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data: record }));

    const outcome = await fixture.run("init", ...(as === undefined ? [] : [await fixture.as(as)]));

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain(part);
    expect(failure(outcome).todo?.includes("acceptDataLoss")).toBe(part === "the storage was lost");
    expect(await fixture.sealStatus(0)).toMatchObject({ initialized: false });
  });
});
