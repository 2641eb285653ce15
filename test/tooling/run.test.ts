import { join } from "node:path";
import { expect, test } from "vitest";
import { attempt, run } from "../cluster/run.ts";

const source = join(import.meta.dirname, "../cluster/run.ts");

test("a program that does not exist fails at once and does not keep the process alive", async () => {
  const script = `import(${JSON.stringify(source)}).then(({ attempt }) => attempt("no-such-program", [])).catch(({ code }) => console.log(code))`;

  const { code, stdout } = await attempt(process.execPath, ["-e", script], { timeoutMs: 20_000 });

  expect({ code, stdout }).toEqual({ code: 0, stdout: "ENOENT\n" });
}, 30_000);

test("a command that runs longer than its timeout is ended", async () => {
  const { code } = await attempt("sleep", ["600"], { timeoutMs: 100 });

  expect(code).toBe(128);
});

test("a command that fails is reported with its exit code and its output", async () => {
  await expect(run("sh", ["-c", "echo reason >&2; exit 3"])).rejects.toThrow(/ended with 3:\nreason/);
});
