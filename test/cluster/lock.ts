import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deadlineIn, until } from "../../src/util/deadline.ts";
import { cacheDir } from "./paths.ts";
import { startTimeOf } from "./processes.ts";

const file = join(cacheDir, "cluster.lock");

/** Whether {@link holdCluster} holds it: then this process may bring the cluster up and down as it likes. */
let held = false;

/**
 * Runs `work` while no other process brings the cluster up or down: there is one cluster a machine, and two that remove and
 * make it at once leave half of each. Waits for the other; a lock whose holder is gone counts for nothing.
 *
 * @throws NotReadyError when the other still holds it after an hour, which a cold build of all servers does not take
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

/** Keeps the cluster for this process until the returned function is called: a suite that wipes it more than once. */
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
  let told = false;
  await until("another process that brings the cluster up or down", deadlineIn(3_600_000), async () => {
    if (await take(mine)) return true;
    if (!told) console.log("another process is bringing the cluster up or down: waiting for it");
    told = true;
    return undefined;
  });
}

async function release(): Promise<void> {
  await rm(file, { force: true });
}

async function take(mine: string): Promise<boolean> {
  const taken = await writeFile(file, mine, { flag: "wx" }).then(
    () => true,
    () => false,
  );
  if (taken) return true;
  const holder = JSON.parse((await readFile(file, "utf8").catch(() => "")) || "{}");
  if (holder.pid !== undefined && (await startTimeOf(holder.pid)) !== holder.startTime) await rm(file, { force: true });
  return false;
}
