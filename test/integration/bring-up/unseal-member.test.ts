import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unsealMember } from "../../../src/bring-up/unseal/member.ts";
import type { Keys } from "../../../src/custody/custody.ts";
import { fingerprintOf } from "../../../src/custody/fingerprint.ts";
import { shareName } from "../../../src/custody/keys-data.ts";
import { NotReadyError, RefusedError } from "../../../src/errors.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { connectVault, type Vault } from "../../../src/vault/client.ts";
import { type Proxy as FaultProxy, startProxy } from "../../helpers/proxy.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";

const place = { where: "Secret vault-custody/vault-unseal-keys", shareName };
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
afterEach(() => proxy.heal());

function keysOf(given: readonly string[]): Keys {
  return { shares: given, threshold: 3, fingerprint: fingerprintOf(given), created: "" };
}

/** A share like Vault's, of another key. */
function foreign(index: number): string {
  const bytes = Buffer.from(shares[index] ?? "", "base64");
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString("base64");
}

async function progress(): Promise<unknown> {
  return (await vault.read("sys/seal-status"))?.["progress"];
}

describe("a sealed member", () => {
  it("opens by the first shares, and tells its cluster", async () => {
    const status = await unsealMember(vault, place, keysOf(shares), deadlineIn(30_000));

    expect(status).toMatchObject({ sealed: false, clusterId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(proxy.passed("POST", /^sys\/unseal$/)).toBe(3);
  });

  it("opens by another set while a share is wrong", async () => {
    const given = shares.map((share, index) => (index === 1 ? foreign(1) : share));

    const status = await unsealMember(vault, place, keysOf(given), deadlineIn(30_000));

    expect(status.sealed).toBe(false);
  });

  it("is refused when no set opens it, each set named by its shares and none by a value", async () => {
    const given = [shares[0] ?? "", foreign(1), foreign(2), foreign(3)];

    const error = await unsealMember(vault, place, keysOf(given), deadlineIn(30_000)).catch((cause: unknown) => cause);

    expect(error).toBeInstanceOf(RefusedError);
    const { message } = error as RefusedError;
    expect(message).toContain("tried share-0 + share-1 + share-2, share-0 + share-1 + share-3");
    for (const share of given) expect(message).not.toContain(share);
    expect(await progress()).toBe(0);
  });

  it("is refused when there are fewer shares than it needs", async () => {
    await expect(unsealMember(vault, place, keysOf(shares.slice(0, 2)), deadlineIn(30_000))).rejects.toThrow(
      "vault-0 needs 3 shares, and Secret vault-custody/vault-unseal-keys has 2",
    );
  });

  it("opens although someone has left a wrong share in it", async () => {
    await vault.write("sys/unseal", { key: foreign(4) });

    const status = await unsealMember(vault, place, keysOf(shares.slice(0, 3)), deadlineIn(30_000));

    expect(status.sealed).toBe(false);
  });

  it.each([
    ["lost", { do: "lose" }],
    ["cut off", { do: "cut" }],
    ["a 503", { status: 503, errors: ["not now"] }],
  ] as const)("opens although an answer is %s on the way", async (_, fault) => {
    proxy.fault(fault, { times: 1, path: /^sys\/unseal$/ });

    const status = await unsealMember(vault, place, keysOf(shares), deadlineIn(30_000));

    expect(status.sealed).toBe(false);
  });

  it("opens although the answer to its last share is lost", async () => {
    proxy.fault({ do: "lose" }, { times: 3, path: /^sys\/unseal$/ });

    const status = await unsealMember(vault, place, keysOf(shares.slice(0, 3)), deadlineIn(30_000));

    expect(status.sealed).toBe(false);
  });

  it("that was restarted before it had joined is to join again: its keys are not to blame", async () => {
    await servers.kill(0);
    await servers.wipe(0);
    await servers.start(0);
    // as it was a moment before, when it was joining
    const joining = (body: string) => JSON.stringify({ ...JSON.parse(body), t: 3, n: 5 });
    proxy.fault({ edit: joining }, { path: /^sys\/seal-status$/ });

    const error = await unsealMember(vault, place, keysOf(shares), deadlineIn(30_000)).catch((cause: unknown) => cause);

    expect(error).toBeInstanceOf(NotReadyError);
    expect(error).toMatchObject({
      message: "vault-0 is not initialised: it was restarted before it had joined",
      todo: "Run join again.",
    });
  });
});
