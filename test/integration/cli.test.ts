import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { run } from "../cluster/run.ts";
import { bundledCli, runCli, startCli } from "../helpers/run-cli.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const program = `"${process.execPath}" "${await bundledCli()}"`;

describe("standard output", () => {
  it("may be closed by its reader early, and the exit code is still 0", async () => {
    const running = await startCli(["schema"]);
    running.stopReading();

    expect((await running.outcome).code).toBe(0);
  });

  it("is complete for a slow reader", async () => {
    const script = `${program} schema > "$1"; wc -c < "$1"; ${program} schema | (sleep 2; wc -c)`;
    const copy = join(await tempDir("slow"), "schema");

    const [whole, read] = (await run("bash", ["-c", script, "bash", copy])).trim().split("\n");

    expect(Number(whole)).toBeGreaterThan(500_000);
    expect(read).toBe(whole);
  });

  it("on a full disk gives exit code 3 and an error, since it is incomplete", async () => {
    const script = `${program} schema > /dev/full 2> "$1" ; echo $?; cat "$1"`;
    const stderr = join(await tempDir("full"), "stderr");

    const [code, ...lines] = (await run("bash", ["-c", script, "bash", stderr])).trim().split("\n");

    expect(code).toBe("3");
    expect(JSON.parse(lines.join(""))).toMatchObject({ error: expect.stringContaining("write to standard output") });
  });
});

describe("the folder argument", () => {
  const sample = join(projectDir, "hooks/config");

  it("names the folder of the desired state, as --config does", async () => {
    const cwd = await tempDir("elsewhere");

    const outcomes = [
      await runCli(["validate", sample], { cwd }),
      await runCli([`--config=${sample}`, "validate", sample], { cwd }),
      await runCli(["validate", `--config=${sample}`], { cwd }),
    ];

    for (const { code, stdout } of outcomes) {
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ valid: true });
    }
  });

  it("takes precedence over VAULT_HOOKS_CONFIG", async () => {
    const { code } = await runCli(["validate", sample], { env: { VAULT_HOOKS_CONFIG: "/no/such/folder" } });

    expect(code).toBe(0);
  });

  it("is refused if --config names another folder", async () => {
    const { code, stderr } = await runCli(["validate", sample, "--config=other"]);

    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({
      error: `command line: found the folder "${sample}" as an argument and "other" as --config, expected one`,
    });
  });

  it("may be a number", async () => {
    const { stderr } = await runCli(["validate", "007"]);

    expect(JSON.parse(stderr)).toMatchObject({ error: "folder 007 does not exist" });
  });

  it.each(["validate", "plan", "configure", "bootstrap"])("is in the help of %s", async (command) => {
    const { stdout } = await runCli([command, "--help"]);

    expect(stdout).toContain(`vault-hooks ${command} [folder]`);
    expect(stdout).toMatch(/folder +Same as --config/);
  });
});

it("a command line with -- is refused, since a command after it would not run", async () => {
  const outcome = await runCli(["--", "validate"]);

  expect(outcome.code).toBe(2);
  expect(JSON.parse(outcome.stderr)).toMatchObject({ error: "command line: unexpected argument: --" });
});

it("the process ends when the command has ended, although a server still has not answered", async () => {
  const silent = createServer(() => undefined); // accepts connections and never answers
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const server = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const kubeconfig = join(await tempDir("silent"), "kubeconfig");
  const parts = `clusters: [{name: a, cluster: {server: "${server}"}}], users: [{name: a, user: {token: any}}]`;
  await writeFile(kubeconfig, `{${parts}, current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}]}`);
  const running = await startCli(["status", `--kubeconfig=${kubeconfig}`, "--timeout=1s", "--output=json"]);
  while (!running.stderr().includes('"msg":"failed"')) await delay(50);
  const failedAt = Date.now();

  const { code } = await running.outcome;
  silent.close();

  expect(code).toBe(3);
  expect(Date.now() - failedAt).toBeLessThan(5000); // less than the 10 s timeout of a connection
});

it("a command that never settles exits 1 and is reported as a bug", async () => {
  const never = `import fs from "node:fs/promises"; import { syncBuiltinESMExports } from "node:module";
    fs.readdir = () => new Promise(() => undefined); syncBuiltinESMExports();`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(never)}` };

  const { code, stderr } = await runCli(["validate", "--config=hooks/config"], { env });

  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ exitCode: 1, stack: expect.stringContaining("the event loop is empty") });
});
