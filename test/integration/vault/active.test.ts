import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activeMember } from "../../../src/cluster/active.ts";
import type { Cluster } from "../../../src/cluster/with-cluster.ts";
import { DeniedError, NotReadyError } from "../../../src/errors.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { connectVault, type Vault } from "../../../src/vault/client.ts";
import { makeReady } from "../../helpers/ready-vault.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";

let servers: VaultServers;
let vault: Vault;

beforeAll(async () => {
  servers = await startVault({ members: 1 });
  const origin = servers.addresses[0] ?? "";
  await (await makeReady(origin)).vault.close();
  vault = connectVault({ name: "vault-0", origin }, { deadline: deadlineIn(100_000) });
});
afterAll(async () => {
  await vault.close();
  await servers.close();
});

/** A StatefulSet of three whose first pod is a real Vault, and whose others cannot be reached at all. */
function clusterOf(why: Error): Cluster {
  const member = async (pod: string) => {
    if (pod !== "vault-0") throw why;
    return vault;
  };
  const run = { deadline: deadlineIn(10_000) };
  return { run, statefulSet: { name: "vault", replicas: 3 }, reach: { member } } as unknown as Cluster;
}

describe("the active member", () => {
  it("is found although other pods cannot be reached", async () => {
    const found = await activeMember(clusterOf(new NotReadyError("no channel to the pod")));

    expect(found.name).toBe("vault-0");
  });

  it("is not looked for where a port may not be forwarded: that is told", async () => {
    const look = activeMember(clusterOf(new DeniedError("forward a port: denied")));

    await expect(look).rejects.toThrow("forward a port: denied");
  });
});
