import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activeMember } from "../../../src/connect/active-member.ts";
import type { Cluster } from "../../../src/connect/connection.ts";
import { DeniedError, NotReadyError } from "../../../src/errors.ts";
import { createLogger } from "../../../src/logger.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { connectVault, type Vault } from "../../../src/vault/client.ts";
import { makeReady } from "../../helpers/ready-vault.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";

let servers: VaultServers;
let vault: Vault;
let share: string;

beforeAll(async () => {
  servers = await startVault({ members: 1 });
  const origin = servers.addresses[0] ?? "";
  const ready = await makeReady(origin);
  share = ready.share;
  await ready.vault.close();
  vault = connectVault({ name: "vault-0", origin }, { deadline: deadlineIn(100_000) });
});
afterAll(async () => {
  await vault.close();
  await servers.close();
});

/** A StatefulSet of three: the first pod is a real Vault, connections to the others end as given. */
function clusterOf(connectOther: () => Promise<never>, timeoutMs = 10_000): Cluster {
  const connect = (pod: string) => (pod === "vault-0" ? Promise.resolve(vault) : connectOther());
  const log = createLogger({ level: "warn", output: "json", color: false }, () => undefined);
  const run = { deadline: deadlineIn(timeoutMs), log };
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

  it("returns a member that becomes active while the other pods never answer", async () => {
    await servers.kill(0);
    const result = activeMember(clusterOf(() => new Promise<never>(() => undefined), 30_000));
    await servers.start(0);
    await vault.write("sys/unseal", { key: share });

    expect((await result).name).toBe("vault-0");
  });

  it.each([
    ["cannot be reached", () => Promise.reject(new NotReadyError("no channel to the pod")), "no channel to the pod"],
    ["never answer", () => new Promise<never>(() => undefined), "no answer within 5 s"],
  ])(
    "throws at the deadline, with the status of every pod, when no member is active and the others %s",
    async (_, connectOther, silence) => {
      await servers.kill(0);
      const result = activeMember(clusterOf(connectOther));

      await expect(result).rejects.toThrow(/gave up waiting for Vault to have an active member: vault-0 .*; vault-1 /);
      await expect(result).rejects.toThrow(`vault-1 ${silence}`);
    },
  );

  it("throws at once when port forwarding is denied", async () => {
    const result = activeMember(clusterOf(() => Promise.reject(new DeniedError("forward a port: denied"))));

    await expect(result).rejects.toThrow("forward a port: denied");
  });
});
