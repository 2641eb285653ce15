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

/** A StatefulSet of three: the first pod is a real Vault, connections to the others end as given. */
function clusterOf(connectOther: () => Promise<never>): Cluster {
  const connect = (pod: string) => (pod === "vault-0" ? Promise.resolve(vault) : connectOther());
  const run = { deadline: deadlineIn(10_000) };
  return { run, statefulSet: { name: "vault", replicas: 3 }, members: { connect } } as unknown as Cluster;
}

describe("activeMember", () => {
  it.each([
    ["cannot be reached", () => Promise.reject(new NotReadyError("no channel to the pod"))],
    ["never answer", () => new Promise<never>(() => undefined)],
  ])("returns the active member when the other pods %s", async (_, connectOther) => {
    const found = await activeMember(clusterOf(connectOther));

    expect(found.name).toBe("vault-0");
  });

  it("throws at the deadline, with the status of every pod, when no member is active", async () => {
    await servers.kill(0);
    const result = activeMember(clusterOf(() => Promise.reject(new NotReadyError("no channel to the pod"))));

    await expect(result).rejects.toThrow(
      /gave up waiting for Vault to have an active member: vault-0 .*; vault-1 no channel/,
    );
  });

  it("throws at once when port forwarding is denied", async () => {
    const result = activeMember(clusterOf(() => Promise.reject(new DeniedError("forward a port: denied"))));

    await expect(result).rejects.toThrow("forward a port: denied");
  });
});
