import { expect, it } from "vitest";
import type { Cluster } from "../../../src/connect/connection.ts";
import { requireOwnCustody } from "../../../src/login/own-custody.ts";
import type { Vault } from "../../../src/vault/client.ts";

type Data = Readonly<Record<string, string>>;

/** Whether custody is that of StatefulSet team/vault with UID uid-b. @param existing the UIDs of other StatefulSets, by NAMESPACE/NAME */
async function isOwn(record: Data | undefined, existing: Data = {}): Promise<boolean> {
  const data = record && { intent: "intent-1", storage: "{}", ...record };
  const kube = {
    configMap: async () => data && { name: "vault-init-record", resourceVersion: "1", data },
    statefulSet: async (namespace: string, name: string) => {
      const uid = existing[`${namespace}/${name}`];
      return uid === undefined ? undefined : { uid };
    },
  };
  const run = { settings: { namespace: "team", custodyNamespace: "vault-custody" } };
  const cluster = { kube, run, statefulSet: { name: "vault", uid: "uid-b" } } as unknown as Cluster;
  const vault = { name: "vault-0", read: async () => ({ cluster_id: "cluster-b" }) } as unknown as Vault;
  return await requireOwnCustody(cluster, vault);
}

const other = { namespace: "other", name: "vault" };

it.each([
  ["there is no record", undefined],
  ["an old record names neither namespace nor cluster, and the UID of another StatefulSet", { statefulSet: "uid-a" }],
  ["the record is of a StatefulSet that does not exist, and names no cluster", { statefulSet: "uid-a", ...other }],
])("nobody knows whose custody is if %s", async (_, record) => {
  expect(await isOwn(record)).toBe(false);
});

it("nobody knows whose custody is if the StatefulSet of the record was recreated, and the record names no cluster", async () => {
  expect(await isOwn({ statefulSet: "uid-a", ...other }, { "other/vault": "uid-new" })).toBe(false);
});

it.each([
  ["by the UID of an old record", { statefulSet: "uid-b" }],
  ["before its cluster id is recorded", { statefulSet: "uid-b", namespace: "team", name: "vault" }],
  ["after its StatefulSet was restored", { statefulSet: "uid-a", namespace: "team", name: "vault" }],
  ["by its cluster id", { statefulSet: "uid-a", clusterId: "cluster-b" }],
])("custody is this Vault's %s", async (_, record) => {
  expect(await isOwn(record)).toBe(true);
});

it.each([
  ["another cluster", { statefulSet: "uid-b", clusterId: "cluster-a" }, /recorded for cluster cluster-a/],
  [
    "another StatefulSet",
    { statefulSet: "uid-a", ...other },
    /belongs to StatefulSet other\/vault, not to team\/vault/,
  ],
])("custody of %s is refused", async (_, record, message) => {
  await expect(isOwn(record, { "other/vault": "uid-a" })).rejects.toThrow(message);
});
