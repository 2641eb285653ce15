import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const state = await mkdtemp(join(tmpdir(), "vault-hooks-processes-"));
vi.stubEnv("CLUSTER_STATE", state);
const { ensureProcess, processRuns, startedProcesses, stopProcess, untilAnswers } = await import(
  "../cluster/processes.ts"
);

const sleeper = { name: "sleeper", command: "sleep", args: ["600"] };
const pid = async () => JSON.parse(await readFile(join(state, "pid/sleeper.json"), "utf8")).pid as number;

beforeAll(() => ensureProcess(sleeper));
afterAll(async () => {
  await stopProcess("sleeper");
  await rm(state, { recursive: true });
});

test("ensureProcess does not restart a running process", async () => {
  const before = await pid();
  await ensureProcess(sleeper);
  expect(await pid()).toBe(before);
  expect(await startedProcesses()).toEqual(["sleeper"]);
});

test("ensureProcess replaces a process whose arguments changed", async () => {
  const before = await pid();
  await ensureProcess({ ...sleeper, args: ["601"] });
  expect(await pid()).not.toBe(before);
  await expect(readFile(`/proc/${await pid()}/cmdline`, "utf8")).resolves.toBe("sleep\u0000601\u0000");
});

test("ensureProcess restarts a process that was killed", async () => {
  process.kill(await pid(), "SIGKILL");
  await vi.waitFor(async () => expect(await processRuns("sleeper")).toBe(false));
  await ensureProcess(sleeper);
  expect(await processRuns("sleeper")).toBe(true);
});

test("stopProcess ends a process, and succeeds again when it is already stopped", async () => {
  const before = await pid();
  await stopProcess("sleeper");
  await stopProcess("sleeper");
  expect(await startedProcesses()).toEqual([]);
  expect(() => process.kill(before, 0)).toThrow("ESRCH");
});

test("stopProcess succeeds when called several times at once for a process that is ending", async () => {
  for (let round = 0; round < 5; round++) {
    await ensureProcess(sleeper);
    process.kill(await pid(), "SIGTERM");

    await Promise.all(Array.from({ length: 5 }, () => stopProcess("sleeper")));

    expect(await startedProcesses()).toEqual([]);
  }
});

test("stopProcess does not end another process that has reused the process id", async () => {
  await ensureProcess(sleeper);
  const file = join(state, "pid/sleeper.json");
  const started = JSON.parse(await readFile(file, "utf8"));
  const { writeFile } = await import("node:fs/promises");
  await writeFile(file, JSON.stringify({ ...started, startTime: "1" }));

  await stopProcess("sleeper");

  expect(() => process.kill(started.pid, 0)).not.toThrow();
  process.kill(started.pid, "SIGKILL");
});

test("a process that ends, for example because its port is in use, is reported at once with the end of its log", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const script = `import("node:net").then(({ createServer }) => setTimeout(() => createServer().listen(${port}, "127.0.0.1"), 300))`;
  await ensureProcess({ name: "listener", command: process.execPath, args: ["-e", script] });

  const waiting = untilAnswers("listener", 60_000, async () => false);

  await expect(waiting).rejects.toThrow(/^listener ended; the end of its log .*EADDRINUSE/s);
  await stopProcess("listener");
  server.close();
}, 20_000);
