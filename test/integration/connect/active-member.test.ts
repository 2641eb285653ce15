import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activeMember } from "../../../src/connect/active-member.ts";
import type { Cluster } from "../../../src/connect/connection.ts";
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

/** A StatefulSet of three whose first pod is a real Vault; what becomes of the others is given. */
function clusterOf(others: () => Promise<never>): Cluster {
  const member = (pod: string) => (pod === "vault-0" ? Promise.resolve(vault) : others());
  const run = { deadline: deadlineIn(10_000) };
  return { run, statefulSet: { name: "vault", replicas: 3 }, reach: { member } } as unknown as Cluster;
}

describe("the active member", () => {
  it.each([
    ["cannot be reached", () => Promise.reject(new NotReadyError("no channel to the pod"))],
    ["do not even say that they cannot be reached", () => new Promise<never>(() => undefined)],
  ])("is found although the other pods %s", async (_, others) => {
    const found = await activeMember(clusterOf(others));

    expect(found.name).toBe("vault-0");
  });

  it("is waited for, and the others told of, until the deadline, where it does not lead", async () => {
    await servers.kill(0);
    const look = activeMember(clusterOf(() => Promise.reject(new NotReadyError("no channel to the pod"))));

    await expect(look).rejects.toThrow(
      /gave up waiting for Vault to have an active member: vault-0 .*; vault-1 no channel/,
    );
  });

  it("is not looked for where a port may not be forwarded: that is told", async () => {
    const look = activeMember(clusterOf(() => Promise.reject(new DeniedError("forward a port: denied"))));

    await expect(look).rejects.toThrow("forward a port: denied");
  });
});
