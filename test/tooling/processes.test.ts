import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const state = await mkdtemp(join(tmpdir(), "vault-hooks-processes-"));
vi.stubEnv("VAULT_HOOKS_STATE", state);
const { ensureProcess, processRuns, startedProcesses, stopProcess } = await import("../cluster/processes.ts");

const sleeper = { name: "sleeper", command: "sleep", args: ["600"] };
const pid = async () => JSON.parse(await readFile(join(state, "pid/sleeper.json"), "utf8")).pid as number;

beforeAll(() => ensureProcess(sleeper));
afterAll(async () => {
  await stopProcess("sleeper");
  await rm(state, { recursive: true });
});

test("a process that runs is not started again", async () => {
  const before = await pid();
  await ensureProcess(sleeper);
  expect(await pid()).toBe(before);
  expect(await startedProcesses()).toEqual(["sleeper"]);
});

test("a process with other arguments replaces the one before", async () => {
  const before = await pid();
  await ensureProcess({ ...sleeper, args: ["601"] });
  expect(await pid()).not.toBe(before);
  await expect(readFile(`/proc/${await pid()}/cmdline`, "utf8")).resolves.toBe("sleep\u0000601\u0000");
});

test("a process that died is started again", async () => {
  process.kill(await pid(), "SIGKILL");
  await vi.waitFor(async () => expect(await processRuns("sleeper")).toBe(false));
  await ensureProcess(sleeper);
  expect(await processRuns("sleeper")).toBe(true);
});

test("a process that was stopped is gone, and stopping it again is fine", async () => {
  const before = await pid();
  await stopProcess("sleeper");
  await stopProcess("sleeper");
  expect(await startedProcesses()).toEqual([]);
  expect(() => process.kill(before, 0)).toThrow("ESRCH");
});

test("a process that ends while it is stopped by several is gone, and that is fine", async () => {
  for (let round = 0; round < 5; round++) {
    await ensureProcess(sleeper);
    process.kill(await pid(), "SIGTERM");

    await Promise.all(Array.from({ length: 5 }, () => stopProcess("sleeper")));

    expect(await startedProcesses()).toEqual([]);
  }
});

test("a stranger that got the number of a dead process is not taken for it, and not stopped", async () => {
  await ensureProcess(sleeper);
  const file = join(state, "pid/sleeper.json");
  const started = JSON.parse(await readFile(file, "utf8"));
  const { writeFile } = await import("node:fs/promises");
  await writeFile(file, JSON.stringify({ ...started, startTime: "1" }));

  await stopProcess("sleeper");

  expect(() => process.kill(started.pid, 0)).not.toThrow();
  process.kill(started.pid, "SIGKILL");
});
