import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";

const cache = await mkdtemp(join(tmpdir(), "vault-hooks-lock-"));
vi.stubEnv("CLUSTER_CACHE", cache);
const { holdCluster, withClusterLock } = await import("../cluster/lock.ts");

afterAll(() => rm(cache, { recursive: true }));

test("a process waits for the cluster lock until its holder ends, also when the holder fails", async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  const order: string[] = [];
  const finish = Promise.withResolvers<void>();
  const first = withClusterLock(async () => {
    order.push("first begins");
    await finish.promise;
    order.push("first ends");
    throw new Error("first failed");
  });
  await vi.waitFor(() => expect(order).toEqual(["first begins"]));
  const second = withClusterLock(async () => order.push("second begins"));
  await vi.waitFor(() => expect(console.log).toHaveBeenCalledOnce());

  finish.resolve();

  await expect(first).rejects.toThrow("first failed");
  await second;
  expect(order).toEqual(["first begins", "first ends", "second begins"]);
});

test("the cluster lock of a process that has exited is ignored", async () => {
  await writeFile(join(cache, "cluster.lock"), JSON.stringify({ pid: process.pid, startTime: "1" }));
  await expect(withClusterLock(async () => "done")).resolves.toBe("done");
});

test("holdCluster keeps the lock across withClusterLock, until it is released", async () => {
  const release = await holdCluster();
  await expect(withClusterLock(async () => existsSync(join(cache, "cluster.lock")))).resolves.toBe(true);
  expect(existsSync(join(cache, "cluster.lock"))).toBe(true);

  await release();

  expect(existsSync(join(cache, "cluster.lock"))).toBe(false);
});
