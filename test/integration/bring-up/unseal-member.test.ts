import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unsealMember } from "../../../src/bring-up/unseal/unseal-member.ts";
import type { Keys } from "../../../src/custody/custody.ts";
import { fingerprintOf } from "../../../src/custody/fingerprint.ts";
import { shareName } from "../../../src/custody/keys-data.ts";
import { NotReadyError, RefusedError } from "../../../src/errors.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { connectVault, type Vault } from "../../../src/vault/client.ts";
import { type Proxy as FaultProxy, startProxy } from "../../helpers/proxy.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";

const custody = { where: "Secret vault-custody/vault-unseal-keys", shareName };
let servers: VaultServers;
let proxy: FaultProxy;
let vault: Vault;
let shares: string[];

beforeAll(async () => {
  servers = await startVault({ members: 1 });
  proxy = await startProxy(servers.addresses[0] ?? "");
  vault = connectVault({ name: "vault-0", origin: proxy.address }, { deadline: deadlineIn(200_000) });
  const answer = await vault.write("sys/init", { secret_shares: 5, secret_threshold: 3 });
  shares = answer?.["keys_base64"] as string[];
});
afterAll(async () => {
  await vault.close();
  await proxy.close();
  await servers.close();
});
beforeEach(async () => {
  await servers.stop(0);
  await servers.start(0);
});
afterEach(() => proxy.clearFaults());

function keysOf(someShares: readonly string[]): Keys {
  return { shares: someShares, threshold: 3, fingerprint: fingerprintOf(someShares), created: "" };
}

/** A share of another key. */
function wrongShare(index: number): string {
  const bytes = Buffer.from(shares[index] ?? "", "base64");
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString("base64");
}

async function progress(): Promise<unknown> {
  return (await vault.read("sys/seal-status"))?.["progress"];
}

describe("unsealMember", () => {
  it("unseals with the first shares and returns the cluster id", async () => {
    const status = await unsealMember(vault, custody, keysOf(shares), deadlineIn(30_000));

    expect(status).toMatchObject({ sealed: false, clusterId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(proxy.countForwarded("POST", /^sys\/unseal$/)).toBe(3);
  });

  it("unseals with another set when a share is wrong", async () => {
    const mixed = shares.map((share, index) => (index === 1 ? wrongShare(1) : share));

    const status = await unsealMember(vault, custody, keysOf(mixed), deadlineIn(30_000));

    expect(status.sealed).toBe(false);
  });

  it("refuses when no set of shares fits, and names the shares of each set but no value", async () => {
    const wrong = [shares[0] ?? "", wrongShare(1), wrongShare(2), wrongShare(3)];

    const error = await unsealMember(vault, custody, keysOf(wrong), deadlineIn(30_000)).catch(
      (cause: unknown) => cause,
    );

    expect(error).toBeInstanceOf(RefusedError);
    const { message } = error as RefusedError;
    expect(message).toContain("tried share-0 + share-1 + share-2, share-0 + share-1 + share-3");
    for (const share of wrong) expect(message).not.toContain(share);
    expect(await progress()).toBe(0);
  });

  it("refuses when custody has fewer shares than the threshold", async () => {
    await expect(unsealMember(vault, custody, keysOf(shares.slice(0, 2)), deadlineIn(30_000))).rejects.toThrow(
      "vault-0 needs 3 shares, and Secret vault-custody/vault-unseal-keys has 2",
    );
  });

  it("unseals when another client has left a wrong share in Vault", async () => {
    await vault.write("sys/unseal", { key: wrongShare(4) });

    const status = await unsealMember(vault, custody, keysOf(shares.slice(0, 3)), deadlineIn(30_000));

    expect(status.sealed).toBe(false);
  });

  it.each([
    ["lost", { do: "lose" }],
    ["cut off", { do: "cut" }],
    ["a 503", { status: 503, errors: ["not now"] }],
  ] as const)("unseals when an answer is %s", async (_, fault) => {
    proxy.fault(fault, { times: 1, path: /^sys\/unseal$/ });

    const status = await unsealMember(vault, custody, keysOf(shares), deadlineIn(30_000));

    expect(status.sealed).toBe(false);
  });

  it("unseals when the answer to the last share is lost", async () => {
    proxy.fault({ do: "lose" }, { times: 3, path: /^sys\/unseal$/ });

    const status = await unsealMember(vault, custody, keysOf(shares.slice(0, 3)), deadlineIn(30_000));

    expect(status.sealed).toBe(false);
  });

  it("reports that the member must join again when it was restarted before it had joined", async () => {
    await servers.kill(0);
    await servers.wipe(0);
    await servers.start(0);
    // the status from before the restart, when it was joining
    const joining = (body: string) => JSON.stringify({ ...JSON.parse(body), t: 3, n: 5 });
    proxy.fault({ edit: joining }, { path: /^sys\/seal-status$/ });

    const error = await unsealMember(vault, custody, keysOf(shares), deadlineIn(30_000)).catch(
      (cause: unknown) => cause,
    );

    expect(error).toBeInstanceOf(NotReadyError);
    expect(error).toMatchObject({
      message: "vault-0 is not initialised: it was restarted before it had joined",
      todo: "Run join again.",
    });
  });
});
