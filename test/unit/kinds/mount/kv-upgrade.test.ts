import { expect, it } from "vitest";
import { whileUpgrading } from "../../../../src/kinds/mount/kv-upgrade.ts";
import type { Vault } from "../../../../src/vault/client.ts";
import { VaultError } from "../../../../src/vault/error.ts";

const refusal = new VaultError("GET kv/config", 400, ["Upgrading from non-versioned to versioned data."]);

/** Refuses `times` times before it ends. */
function refused<T>(times: number, end: () => Promise<T>): () => Promise<T> {
  let left = times;
  return async () => {
    if (left-- > 0) throw refusal;
    return await end();
  };
}

it("whileUpgrading with no timeout does not use up the timeout of other requests to the mount", async () => {
  // used as a key only
  const vault = {} as Vault;
  const denied = new VaultError("GET kv/config", 403, ["permission denied"]);
  // four pauses: 150 ms
  const waiting = whileUpgrading(
    vault,
    "kv",
    refused(4, () => Promise.reject(denied)),
    Number.POSITIVE_INFINITY,
  );
  await expect(waiting).rejects.toBe(denied);

  const value = whileUpgrading(
    vault,
    "kv",
    refused(1, async () => "written"),
    100,
  );

  await expect(value).resolves.toBe("written");
});
