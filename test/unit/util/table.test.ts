import { expect, it } from "vitest";
import { table } from "../../../src/util/table.ts";

const rows = [
  { pod: "vault-0", sealed: "no" },
  { pod: "vault-10", sealed: "yes" },
];

it("table makes each column as wide as its widest cell", () => {
  expect(table(["pod", "sealed"], rows, { color: false })).toBe("POD       SEALED\nvault-0   no\nvault-10  yes\n");
});

it("table shows a missing value as a dash", () => {
  expect(table(["pod", "note"], [{ pod: "vault-0" }], { color: false })).toBe("POD      NOTE\nvault-0  -\n");
});

it("table uses colour only on request, and pads by the width of the text", () => {
  const style = {
    color: true,
    mood: (_: string, value: string) => (value === "vault-0" ? "good" : undefined),
  } as const;

  const lines = table(["pod", "sealed"], rows, style).split("\n");

  expect(lines[1]).toBe("\u001b[32mvault-0 \u001b[39m  no");
  expect(lines[2]).toBe("vault-10  yes");
});
