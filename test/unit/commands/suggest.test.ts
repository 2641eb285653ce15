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
])("the command line %j with %j unknown is answered with what was perhaps meant", (argv, unknown, expected) => {
  expect(suggest(commands, argv, unknown)).toBe(expected);
});

it.each([
  [["status", "--output"], "Not enough arguments following: output", "See vault-hooks status --help."],
  [["init", "--shares"], "Not enough arguments following: shares", "See vault-hooks init --help."],
  [["inti", "--shares=1"], "found shares, inti, which means nothing there", "Did you mean vault-hooks init?"],
  [["status", "--no-output"], "found no-output, which means nothing there", "Did you mean --output?"],
  [["status", "--namespac", "x"], "found namespac, which means nothing there", "Did you mean --namespace?"],
  [["status", "hooks/config"], "found hooks/config, which means nothing there", "See vault-hooks status --help."],
  [["validate", "a", "b"], "found b, expected at most one folder", "See vault-hooks validate --help."],
  [["validate", "--folder=a"], "found folder, which means nothing there", "See vault-hooks validate --help."],
])(
  "a wrong command line is no bug: %j",
  async (argv, error, todo) => {
    const { code, stdout, stderr } = await runCli(argv);

    expect(JSON.parse(stderr)).toMatchObject({ exitCode: 2, error: `command line: ${error}`, todo });
    expect([code, stdout]).toEqual([2, ""]);
  },
  60_000,
);

it("init does not go on without the desired state that was named to it", async () => {
  const { code, stderr } = await runCli(["init", "--config=/no/such/folder", "--output=json"]);

  expect(JSON.parse(stderr)).toMatchObject({
    error: expect.stringContaining("read the configuration in /no/such/folder"),
  });
  expect(code).toBe(2);
});

it("-h is --help", async () => {
  const [short, long] = [await runCli(["init", "-h"]), await runCli(["init", "--help"])];

  expect(short).toEqual(long);
  expect(short.stdout).toContain("--shares");
});
