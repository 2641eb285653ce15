import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { mapParallel } from "../../../src/util/parallel.ts";
import { connectVault, type Vault, type VaultOptions } from "../../../src/vault/client.ts";
import { vaultPath } from "../../../src/vault/path.ts";
import { type Proxy as FaultProxy, startProxy, unsupportedOperation } from "../../helpers/proxy.ts";
import { makeReady, type ReadyVault } from "../../helpers/ready-vault.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";

let servers: VaultServers;
let ready: ReadyVault;
let proxy: FaultProxy;
const openClients: Vault[] = [];

beforeAll(async () => {
  servers = await startVault();
  ready = await makeReady(servers.addresses[0] ?? "");
  await ready.vault.write("sys/mounts/kv", { type: "kv", options: { version: "1" } });
  await ready.vault.write("sys/mounts/kv2", { type: "kv", options: { version: "2" } });
  proxy = await startProxy(servers.addresses[0] ?? "");
});
afterEach(async () => {
  proxy.clearFaults();
  proxy.requests.length = 0;
  for (const vault of openClients.splice(0)) await vault.close();
});
afterAll(async () => {
  await ready?.vault.close();
  await proxy?.close();
  await servers?.close();
});

/** A client with the root token that goes through the proxy. */
function throughProxy(options: Partial<VaultOptions> = {}): Vault {
  const vault = connectVault({ name: "vault-0", origin: proxy.address }, { deadline: deadlineIn(30_000), ...options });
  openClients.push(vault);
  return vault.withToken(ready.rootToken);
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    (value) => Promise.reject(new Error(`expected a failure, got ${JSON.stringify(value)}`)),
    (error: unknown) => error,
  );
}

describe("a transient failure", () => {
  it.each([307, 412, 429, 500, 502, 503])("is retried, for reads and writes: %i", async (status) => {
    const vault = throughProxy();
    proxy.fault({ status, errors: ["in a moment"] }, { times: 2 });
    expect(await vault.read("sys/mounts")).toBeDefined();
    proxy.fault({ status, errors: ["in a moment"] }, { times: 2 });
    await vault.write("kv/tried", { a: "b" });

    expect(proxy.requests).toEqual([...Array(3).fill("GET sys/mounts"), ...Array(3).fill("POST kv/tried")]);
  });

  it("that Vault's words do not explain is repeated three times, and is then final", async () => {
    const vault = throughProxy();
    proxy.fault({ status: 500, errors: ["plugin directory is not configured"] });

    const error = await failure(vault.write("sys/plugins/catalog/auth/p", {}));

    expect(error).toMatchObject({ exitCode: 5, status: 500, transient: false });
    expect(proxy.requests).toHaveLength(4);
  });

  it("is reported at the deadline with Vault's message", async () => {
    const vault = throughProxy({ deadline: deadlineIn(2000) });
    proxy.fault({ status: 503, errors: ["Vault is sealed"] });
    const started = Date.now();

    const error = await failure(vault.read("sys/mounts"));

    expect(error).toMatchObject({ exitCode: 3, status: 503 });
    expect(String(error)).toContain("read sys/mounts on vault-0: Vault answered 503: Vault is sealed");
    expect(Date.now() - started).toBeLessThan(10_000); // without a deadline, retries would take 12 s
  });

  it("is not retried for a request that must be sent once", async () => {
    const vault = throughProxy();
    proxy.fault({ status: 503 }, { times: 1 });

    expect(await failure(vault.write("kv/once", { a: "b" }, { once: true }))).toMatchObject({ exitCode: 3 });
    expect(proxy.requests).toEqual(["POST kv/once"]);
  });
});

describe("a rate limit of Vault", () => {
  it("is respected by all requests together, and each is answered", async () => {
    await ready.vault.write("sys/quotas/rate-limit/slow", { rate: 20, path: "kv/" });
    await ready.vault.write("kv/limited", { a: "b" });
    const vault = throughProxy();

    const answers = await mapParallel(Array.from({ length: 100 }), 16, () => vault.read("kv/limited"));

    expect(answers).toHaveLength(100);
    // more than 100, since some were refused; not many more, since the others waited
    expect(proxy.requests.length).toBeGreaterThan(100);
    expect(proxy.requests.length).toBeLessThan(300);
    await ready.vault.delete("sys/quotas/rate-limit/slow");
  }, 60_000);

  it("ends a waiting request at the deadline, as not ready", async () => {
    const vault = throughProxy({ deadline: deadlineIn(1500) });
    proxy.fault({ status: 429, headers: { "retry-after": "60" } }, { times: 1 });

    const first = failure(vault.read("sys/mounts"));
    await expect.poll(() => proxy.requests).toHaveLength(1);
    const second = failure(vault.read("sys/auth"));

    expect(await first).toMatchObject({ exitCode: 3, status: 429 });
    expect(await second).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining("read sys/auth on vault-0: not sent"),
    });
    expect(proxy.requests).toHaveLength(1);
  });

  it("is waited for as long as Retry-After says", async () => {
    const vault = throughProxy();
    proxy.fault({ status: 429, headers: { "retry-after": "2" } }, { times: 1 });
    const started = Date.now();

    await vault.read("sys/mounts");

    expect(Date.now() - started).toBeGreaterThanOrEqual(2000);
    expect(proxy.requests).toHaveLength(2);
  });
});

describe("an error answer of Vault", () => {
  it("is not retried when it is a 403", async () => {
    const vault = throughProxy().withToken("no-such-token");

    const error = await failure(vault.read("sys/mounts"));

    expect(error).toMatchObject({ exitCode: 5, status: 403 });
    expect(proxy.requests).toEqual(["GET sys/mounts"]);
  });

  it("keeps its status when an endpoint is disabled", async () => {
    proxy.fault(unsupportedOperation);

    const error = await failure(throughProxy().write("sys/generate-root/attempt", {}, { once: true }));

    expect(error).toMatchObject({
      exitCode: 5,
      status: 405,
      message: expect.stringContaining("unsupported operation"),
    });
  });
});

describe("a slow Vault", () => {
  it("is waited for", async () => {
    proxy.fault({ delayMs: 1500 }, { times: 1 });

    expect(await throughProxy().read("sys/mounts")).toBeDefined();
    expect(proxy.requests).toHaveLength(1);
  });

  it("is asked again after the timeout of one request", async () => {
    proxy.fault({ do: "hang" }, { times: 1 });

    expect(await throughProxy({ timeoutMs: 1000 }).read("sys/mounts")).toBeDefined();
    expect(proxy.requests).toHaveLength(2);
  });

  it("is not waited for after the run was stopped", async () => {
    const stop = new AbortController();
    proxy.fault({ do: "hang" });
    const reading = failure(throughProxy({ deadline: deadlineIn(30_000, stop.signal) }).read("sys/mounts"));
    const started = Date.now();
    setTimeout(() => stop.abort(new Error("SIGTERM")), 300);

    expect(await reading).toMatchObject({ exitCode: 3 });
    expect(Date.now() - started).toBeLessThan(20_000); // its deadline comes after 30 s
  });
});

describe("a request whose connection is cut", () => {
  it.each(["cut", "lose"] as const)("is retried, for reads and repeatable writes (%s)", async (act) => {
    const vault = throughProxy();
    proxy.fault({ do: act }, { times: 1 });
    expect(await vault.read("sys/mounts")).toBeDefined();
    proxy.fault({ do: act }, { times: 1 });
    await vault.write("kv/cut", { act });

    expect(proxy.requests).toEqual(["GET sys/mounts", "GET sys/mounts", "POST kv/cut", "POST kv/cut"]);
    expect(await ready.vault.read("kv/cut")).toMatchObject({ data: { act } });
  });

  it("is not retried when it must be sent once, although Vault has executed it", async () => {
    const vault = throughProxy();
    proxy.fault({ do: "lose" }, { times: 1 });

    const error = await failure(vault.write("kv2/data/lost", { data: { a: "b" } }, { once: true }));

    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("no answer") });
    expect(proxy.countForwarded("POST", /^kv2\/data\/lost$/)).toBe(1);
    expect(await ready.vault.read("kv2/data/lost")).toMatchObject({ data: { metadata: { version: 1 } } });
  });
});

describe("names", () => {
  const specialNames = [
    "a=b&c",
    "50%",
    "%2F",
    "with space",
    "ünïcode✓",
    "{{mustache}}",
    "plus+",
    "q?x#y",
    "quo'te\"",
    "semi;colon",
    "a@b:c,d",
  ];

  it.each(specialNames)("reach Vault unchanged: %s", async (name) => {
    const path = vaultPath("kv", "odd", name);

    await ready.vault.write(path, { name });
    const keys = await ready.vault.list("kv/odd");
    const read = await ready.vault.read(path);
    await ready.vault.delete(path);

    expect(keys).toEqual([name]);
    expect(read).toMatchObject({ data: { name } });
    expect(await ready.vault.list("kv/odd")).toEqual([]);
  });
});

describe("a missing path", () => {
  it("is read as undefined or an empty list, unlike a deleted KV version, which has metadata", async () => {
    await ready.vault.write("kv2/data/deleted", { data: { a: "b" } });
    await ready.vault.delete("kv2/data/deleted");

    expect(await ready.vault.read("kv/absent")).toBeUndefined();
    expect(await ready.vault.read("sys/policies/acl/absent")).toBeUndefined();
    expect(await ready.vault.list("kv/absent")).toEqual([]);
    expect(await ready.vault.read("kv2/data/deleted")).toMatchObject({
      data: { data: null, metadata: { version: 1 } },
    });
  });
});
