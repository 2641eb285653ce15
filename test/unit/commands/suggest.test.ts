import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commands } from "../../../src/commands/index.ts";
import { suggest } from "../../../src/commands/suggest.ts";
import { runCli } from "../../helpers/run-cli.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

it.each([
  [["confgure"], ["confgure"], "Did you mean vault-hooks configure?"],
  [["inti", "--shares=1"], ["shares", "inti"], "Did you mean vault-hooks init?"],
  [["zebra"], ["zebra"], "See vault-hooks --help."],
  [["status", "--namespac=x"], ["namespac"], "Did you mean --namespace?"],
  [["validate", "--shares=3"], ["shares"], "--shares is a flag of init, bootstrap. See vault-hooks validate --help."],
  [["status", "extra"], ["extra"], "See vault-hooks status --help."],
  [["validate", "plan", "extra"], ["extra"], "See vault-hooks validate --help."],
])("suggest for the command line %j with %j unknown returns: %s", (argv, unknown, expected) => {
  expect(suggest(commands, argv, unknown)).toBe(expected);
});

it.each([
  [["status", "--output"], "--output needs a value", "See vault-hooks status --help."],
  [["init", "--shares"], "--shares needs a value", "See vault-hooks init --help."],
  [["inti", "--shares=1"], "unknown command: inti", "Did you mean vault-hooks init?"],
  [["status", "--no-output"], "unknown flag: --no-output", "Did you mean --output?"],
  [
    ["status", "--a=1", "b", "--c"],
    "unknown flags: --a, --c; unexpected argument: b",
    "See vault-hooks status --help.",
  ],
  [["status", "-xy"], "unknown arguments: x, y", "See vault-hooks status --help."],
  [["status", "--namespac", "x"], "unknown flag: --namespac", "Did you mean --namespace?"],
  [["status", "hooks/config"], "unexpected argument: hooks/config", "See vault-hooks status --help."],
  [["validate", "a", "b"], "unexpected argument: b, expected at most one folder", "See vault-hooks validate --help."],
  [["validate", "--folder=a"], "unknown flag: --folder", "See vault-hooks validate --help."],
])(
  "vault-hooks %j exits 2 and reports: %s",
  async (argv, error, todo) => {
    const { code, stdout, stderr } = await runCli(argv);

    expect(JSON.parse(stderr)).toMatchObject({ exitCode: 2, error: `command line: ${error}`, todo });
    expect([code, stdout]).toEqual([2, ""]);
  },
  60_000,
);

it("init exits 2 when the folder of --config does not exist", async () => {
  const { code, stderr } = await runCli(["init", "--config=/no/such/folder", "--output=json"]);

  expect(JSON.parse(stderr)).toMatchObject({ error: "folder /no/such/folder does not exist" });
  expect(code).toBe(2);
});

it("validate does not recommend itself when the configuration is invalid", async () => {
  const folder = await tempDir("invalid");
  await writeFile(join(folder, "a.yaml"), "foo: 1");

  const { stderr } = await runCli(["validate", folder]);

  expect(JSON.parse(stderr)).toMatchObject({ exitCode: 2, todo: "Correct it and run this again." });
}, 60_000);

it.each(commands.map(({ name }) => name))(
  "the help of %s explains the environment variables",
  async (name) => {
    const { stdout } = await runCli([name, "--help"]);

    expect(stdout).toMatch(/ --log-level .*\n/);
    expect(stdout).toContain("--log-level is VAULT_HOOKS_LOG_LEVEL");
  },
  60_000,
);

it("-h prints the same as --help", async () => {
  const [short, long] = [await runCli(["init", "-h"]), await runCli(["init", "--help"])];

  expect(short).toEqual(long);
  expect(short.stdout).toContain("--shares");
}, 60_000);
