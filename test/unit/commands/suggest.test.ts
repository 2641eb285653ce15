import { expect, it } from "vitest";
import { commands } from "../../../src/commands/index.ts";
import { suggest } from "../../../src/commands/suggest.ts";
import { runCli } from "../../helpers/run-cli.ts";

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
  [["status", "--output"], "Not enough arguments following: output", "See vault-hooks status --help."],
  [["init", "--shares"], "Not enough arguments following: shares", "See vault-hooks init --help."],
  [["inti", "--shares=1"], "unknown arguments: shares, inti", "Did you mean vault-hooks init?"],
  [["status", "--no-output"], "unknown argument: no-output", "Did you mean --output?"],
  [["status", "--namespac", "x"], "unknown argument: namespac", "Did you mean --namespace?"],
  [["status", "hooks/config"], "unknown argument: hooks/config", "See vault-hooks status --help."],
  [["validate", "a", "b"], "unknown argument: b, expected at most one folder", "See vault-hooks validate --help."],
  [["validate", "--folder=a"], "unknown argument: folder", "See vault-hooks validate --help."],
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

  expect(JSON.parse(stderr)).toMatchObject({
    error: expect.stringContaining("read the configuration in /no/such/folder"),
  });
  expect(code).toBe(2);
});

it("-h prints the same as --help", async () => {
  const [short, long] = [await runCli(["init", "-h"]), await runCli(["init", "--help"])];

  expect(short).toEqual(long);
  expect(short.stdout).toContain("--shares");
});
