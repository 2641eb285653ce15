import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";

/** A secret on a command line, which every user of a machine can read while the command runs. `printf` and `echo` are the shell's own. */
const secretArguments = [
  /-decode=(?!-(?:\s|$))/, // the encoded root token; `-` reads it from standard input
  /operator (?:unseal|rekey|generate-root) (?!-)\S/,
  /\bvault login (?!-)\S/,
  /\bVAULT_TOKEN=\S/,
  /--from-literal=(?:share-|token|key|password)\S*=/,
  /--(?:token|password)[= ]\S/,
];

async function commandsOf(file: string): Promise<string[]> {
  const text = await readFile(join(projectDir, file), "utf8");
  const blocks = [...text.matchAll(/^ *```sh\n(.*?)^ *```/gms)].map(([, block]) => block ?? "");
  // a backslash continues a line, and a comment is no argument
  return blocks.flatMap((block) => block.replaceAll("\\\n", " ").split("\n")).map((line) => line.replace(/ +#.*/, ""));
}

test("no command in the documentation has a secret among its arguments", async () => {
  const files = ["README.md", "SECURITY.md", "CONTRIBUTING.md"];
  for await (const file of glob("docs/*.md", { cwd: projectDir })) files.push(file);
  const commands = (await Promise.all(files.map(commandsOf))).flat();

  expect(commands.length).toBeGreaterThan(40);
  expect(commands.filter((each) => secretArguments.some((pattern) => pattern.test(each)))).toEqual([]);
});

test("the commands that read a secret from standard input are known", async () => {
  const commands = await commandsOf("docs/runbook.md");

  expect(commands.filter((each) => each.includes("-decode=")).map((each) => each.trim())).toEqual([
    "printf %s \"$encoded\" | vault operator generate-root -decode=- -otp=OTP | tr -d '\\n' |",
  ]);
});
