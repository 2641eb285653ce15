import { expect, it } from "vitest";
import type { Outcome } from "../../../src/bring-up/context.ts";
import { printOutcome } from "../../../src/commands/print-outcome.ts";
import type { Note, Run } from "../../../src/run.ts";

const outcome: Outcome = { changed: ["unsealed vault-0", "unsealed vault-1"], why: "all done" };
const warned: Outcome = { ...outcome, warning: "vault-2 is absent" };

function print(output: "json" | "table", result: Outcome): { readonly text: string; readonly notes: Note[] } {
  const texts: string[] = [];
  const notes: Note[] = [];
  const note = (each: Note) => notes.push(each);
  const run = { settings: { output }, print: (text: string) => texts.push(text), note } as unknown as Run;
  printOutcome(run, "unseal", result);
  return { text: texts.join(""), notes };
}

function printed(output: "json" | "table", result: Outcome): string {
  return print(output, result).text;
}

it("an outcome is one line for a person", () => {
  expect(printed("table", outcome)).toBe("unseal: unsealed vault-0; unsealed vault-1; all done\n");
});

it("a warning is a line of its own for a person", () => {
  expect(printed("table", warned)).toBe(
    "unseal: unsealed vault-0; unsealed vault-1; all done\nunseal: warning: vault-2 is absent\n",
  );
});

it("an outcome is one object in JSON, with a warning only if there is one", () => {
  expect(JSON.parse(printed("json", outcome))).toEqual({ command: "unseal", ...outcome });
  expect(JSON.parse(printed("json", warned))).toEqual({ command: "unseal", ...warned });
});

it("a warning is noted, so that VaultHealth shows it", () => {
  expect(print("json", warned).notes).toEqual([{ message: "vault-2 is absent" }]);
  expect(print("json", outcome).notes).toEqual([]);
});
