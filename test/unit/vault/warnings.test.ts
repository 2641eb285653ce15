import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { secret } from "../../../src/redact.ts";
import { listenForWarnings, noteWarnings } from "../../../src/vault/warnings.ts";

/** Sends requests that are answered one after another, each with a warning. */
async function act(name: string): Promise<string> {
  for (const n of [1, 2]) {
    await delay(5);
    noteWarnings(`read ${name}`, { data: {}, warnings: [`${name} ${n}`] });
  }
  return name;
}

it("warnings go to the listener around their own request, while others are in flight", async () => {
  const noted: string[][] = [[], [], []];

  const results = await listenForWarnings(
    (text) => noted[0]?.push(text),
    () =>
      Promise.all([
        listenForWarnings(
          (text, request) => noted[1]?.push(`${request}: ${text}`),
          () => act("a"),
        ),
        listenForWarnings(
          (text) => noted[2]?.push(text),
          () => act("b"),
        ),
        act("c"),
      ]),
  );

  expect(results).toEqual(["a", "b", "c"]);
  expect(noted).toEqual([
    ["c 1", "c 2"],
    ["read a: a 1", "read a: a 2"],
    ["b 1", "b 2"],
  ]);
});

it("warnings are redacted, and answers without any are ignored", async () => {
  secret("planted-in-a-warning");
  const noted: string[] = [];

  await listenForWarnings(
    (text) => noted.push(text),
    async () => {
      for (const warnings of [undefined, null, [], "text", ["about planted-in-a-warning "]])
        noteWarnings("", { warnings });
      noteWarnings("", undefined);
    },
  );

  expect(noted).toEqual(["about [redacted]"]);
});
