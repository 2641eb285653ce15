import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deadlineIn, until } from "../../src/util/deadline.ts";
import { cacheDir } from "./paths.ts";
import { startTimeOf } from "./processes.ts";

const file = join(cacheDir, "cluster.lock");

/** Whether this process holds the lock by {@link holdCluster}, and need not take it again. */
let held = false;

/**
 * Runs `work` while no other process brings the cluster up or down: there is one cluster per machine, and two processes that
 * create and remove it at once would break it. Waits for the other process. Ignores the lock of a process that has exited.
 *
 * @throws NotReadyError when another process holds the lock for an hour, longer than a cold build of all servers
 */
export async function withClusterLock<T>(work: () => Promise<T>): Promise<T> {
  if (held) return await work();
  await acquire();
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Keeps the lock until the returned function is called, for a suite that wipes the cluster more than once. */
export async function holdCluster(): Promise<() => Promise<void>> {
  await acquire();
  held = true;
  return async () => {
    held = false;
    await release();
  };
}

async function acquire(): Promise<void> {
  await mkdir(cacheDir, { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, startTime: await startTimeOf(process.pid) });
  let announced = false;
  await until("another process that brings the cluster up or down", deadlineIn(3_600_000), async () => {
    if (await tryLock(mine)) return true;
    if (!announced) console.log("another process is bringing the cluster up or down: waiting for it");
    announced = true;
    return undefined;
  });
}

async function release(): Promise<void> {
  await rm(file, { force: true });
}

async function tryLock(mine: string): Promise<boolean> {
  const taken = await writeFile(file, mine, { flag: "wx" }).then(
    () => true,
    () => false,
  );
  if (taken) return true;
  const holder = JSON.parse((await readFile(file, "utf8").catch(() => "")) || "{}");
  if (holder.pid !== undefined && (await startTimeOf(holder.pid)) !== holder.startTime) await rm(file, { force: true });
  return false;
}
