import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mapParallel, type Node, runGraph } from "../../../src/util/parallel.ts";

type Edges = Readonly<Record<string, readonly string[]>>;

/** Runs a graph, given as each node's predecessors. Nodes in `broken` fail. @returns a log, how each node ended, and the most at once */
async function run(edges: Edges, limit = 8, broken: readonly string[] = []) {
  const nodes: Node[] = Object.entries(edges).map(([id, after]) => ({ id, after }));
  const log: string[] = [];
  let running = 0;
  let most = 0;
  const ended = await runGraph(nodes, limit, async ({ id }) => {
    most = Math.max(most, ++running);
    log.push(`begin ${id}`);
    await delay(1);
    log.push(`end ${id}`);
    running--;
    if (broken.includes(id)) throw new Error(`${id} is broken`);
  });
  const how = Object.fromEntries(
    [...ended].map(([id, end]) => [id, end.kind === "blocked" ? `blocked by ${end.by}` : end.kind]),
  );
  return { log, how, most };
}

function expected(
  id: string,
  after: readonly string[],
  broken: readonly string[],
  how: Record<string, string>,
): string {
  if (after.some((each) => how[each] !== "done")) return "blocked";
  return broken.includes(id) ? "failed" : "done";
}

describe("runGraph", () => {
  it("runs each node after its predecessors", async () => {
    const { log, how } = await run({ d: ["b", "c"], b: ["a"], c: ["a"], a: [] });

    expect(log.slice(0, 2)).toEqual(["begin a", "end a"]);
    expect(log.slice(-2)).toEqual(["begin d", "end d"]);
    expect(how).toEqual({ a: "done", b: "done", c: "done", d: "done" });
  });

  it("runs independent nodes in parallel, up to the limit", async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`n${i}`, []]));

    expect((await run(many, 3)).most).toBe(3);
    expect((await run(many, 1)).most).toBe(1);
  });

  it("runs nodes that just became ready before those that were ready from the start", async () => {
    const edges = { a: [], b: [], c: [], a1: ["a"], a2: ["a"], b1: ["b"], a11: ["a1"], both: ["a", "b"] };

    const { log } = await run(edges, 1);

    const order = log.filter((line) => line.startsWith("begin")).map((line) => line.slice("begin ".length));
    expect(order).toEqual(["a", "a1", "a11", "a2", "b", "b1", "both", "c"]);
  });

  it("blocks every node after a failure, and no others", async () => {
    const { log, how } = await run({ a: [], b: ["a"], c: ["b"], x: [], y: ["x"] }, 8, ["a"]);

    expect(how).toEqual({ a: "failed", b: "blocked by a", c: "blocked by b", x: "done", y: "done" });
    expect(log).not.toContain("begin b");
    expect(log).not.toContain("begin c");
  });

  it("blocks a node when one of its two predecessors failed and the other is done", async () => {
    const { log, how } = await run({ top: [], left: ["top"], right: ["top"], foot: ["left", "right"] }, 8, ["right"]);

    expect(how).toEqual({ top: "done", left: "done", right: "failed", foot: "blocked by right" });
    expect(log).toContain("end left");
  });

  it("counts a missing predecessor as done, and a repeated one once", async () => {
    expect((await run({ a: ["nowhere"], b: ["a", "a"] })).how).toEqual({ a: "done", b: "done" });
  });

  it("returns at once for an empty graph", async () => {
    expect((await run({})).how).toEqual({});
  });

  it("fails every node in a cycle or after one", async () => {
    const { log, how } = await run({ a: [], b: ["a", "c"], c: ["b"], behind: ["c"] });

    expect(how).toEqual({ a: "done", b: "failed", c: "failed", behind: "failed" });
    expect(log).toEqual(["begin a", "end a"]);
  });

  it("blocks a chain of a thousand nodes", async () => {
    const chain = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`n${i}`, i === 0 ? [] : [`n${i - 1}`]]));

    const { how } = await run(chain, 8, ["n0"]);

    expect(Object.values(how).filter((each) => each.startsWith("blocked"))).toHaveLength(999);
  });

  it("ends every node of any graph once, after its predecessors, and blocks it after a failure", async () => {
    const anyGraph = fc
      .array(fc.array(fc.nat(9), { maxLength: 3 }), { maxLength: 10 })
      .map(
        (rows): Edges =>
          Object.fromEntries(rows.map((row, i) => [`n${i}`, row.filter((j) => j < i).map((j) => `n${j}`)])),
      );
    const broken = fc.array(
      fc.nat(9).map((i) => `n${i}`),
      { maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(anyGraph, broken, fc.integer({ min: 1, max: 4 }), async (edges, bad, limit) => {
        const { log, how, most } = await run(edges, limit, bad);

        expect(Object.keys(how).sort()).toEqual(Object.keys(edges).sort());
        expect(most).toBeLessThanOrEqual(limit);
        for (const [id, after] of Object.entries(edges)) {
          expect(how[id]?.split(" ")[0]).toBe(expected(id, after, bad, how));
          const start = log.indexOf(`begin ${id}`);
          const ends = start < 0 ? [] : after.map((each) => log.indexOf(`end ${each}`));
          expect(ends.filter((end) => end < 0 || end > start)).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("mapParallel", () => {
  it("returns the results in the order of the items", async () => {
    const results = await mapParallel([3, 1, 2], 2, async (ms) => {
      await delay(ms);
      return ms * 10;
    });

    expect(results).toEqual([30, 10, 20]);
  });

  it("starts no further item after the first failure", async () => {
    const started: number[] = [];
    const others: Promise<void>[] = [];

    const act = mapParallel([0, 1, 2, 3, 4, 5], 2, async (n) => {
      started.push(n);
      if (n === 0) throw new Error("broken");
      const done = delay(10);
      others.push(done.then(() => delay(10)));
      await done;
    });

    await expect(act).rejects.toThrow("broken");
    await Promise.all(others);
    expect(started).toEqual([0, 1]);
  });
});
