import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { fingerprintOf } from "../../../src/custody/fingerprint.ts";
import { formatKeys } from "../../../src/custody/keys-data.ts";
import { expectCode, failure, type Ground, startGround } from "./fixture.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await startGround(1);
});
afterAll(() => ground.close());
beforeEach(() => ground.reset());

/** Whole in themselves, and of no Vault at all. */
function keysOfAnother(): Record<string, string> {
  const shares = [1, 2, 3].map((byte) => Buffer.alloc(33, byte).toString("base64"));
  return formatKeys({ shares, threshold: 2, fingerprint: fingerprintOf(shares), created: "2026-01-01T00:00:00.000Z" });
}

async function writeKeys(data: Record<string, string>): Promise<void> {
  const metadata = { name: "vault-unseal-keys", namespace: "vault-custody" };
  await ground.kube.apply(stringify({ apiVersion: "v1", kind: "Secret", metadata, stringData: data }));
}

const labels = { app: "other" };
const spec = {
  replicas: 0,
  serviceName: "other",
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers: [{ name: "other", image: "other" }] } },
};

describe("a Vault whose custody is another one's", () => {
  const ids = async () =>
    await ground.kube.kubectl(["get", "statefulset", "vault", "-n", "other", "-o=jsonpath={.metadata.uid}"]);
  const other = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "vault", namespace: "other" }, spec };

  it.each([
    ["stands", (uid: string) => uid, "of StatefulSet other/vault", undefined],
    ["was made anew", () => "uid-of-one-that-is-gone", "the storage was lost", undefined],
    ["may not be looked at", () => "uid-of-one-that-is-gone", "of StatefulSet other/vault", "init"],
  ])("is told so where the other one %s", async (_, owner, part, as) => {
    await ground.kube.apply(`{apiVersion: v1, kind: Namespace, metadata: {name: other}}\n---\n${stringify(other)}`);
    await writeKeys(keysOfAnother());
    const record = { intent: "x", statefulSet: owner(await ids()), namespace: "other", name: "vault", storage: "{}" };
    const metadata = { name: "vault-init-record", namespace: "vault-custody" };
    await ground.kube.apply(stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data: record }));

    const outcome = await ground.run("init", ...(as === undefined ? [] : [await ground.as(as)]));

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain(part);
    expect(failure(outcome).todo?.includes("acceptDataLoss")).toBe(part === "the storage was lost");
    expect(await ground.sealStatus(0)).toMatchObject({ initialized: false });
  });
});
