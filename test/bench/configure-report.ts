import type { Ran } from "./program.ts";

export type Taken = Ran & { readonly requests: number };
/**
 * In milliseconds: `warm` of a client that has sent thousands of requests before, `cold` of one that was started for these,
 * without its start.
 */
type Floor = { readonly warm: number; readonly cold: number };
/** The concurrency at which each floor is lowest. */
export type Best = { readonly writes: number; readonly mixed: number; readonly reads: number };
export type Round = {
  readonly start: Taken;
  readonly first: Taken;
  readonly again: Taken;
  /** `mixed` is in the order of `configure`. The others write one kind after the other. */
  readonly writes: Floor & { readonly mixed: number };
  readonly reads: Floor;
};
/** Medians. A ratio compares runs of the same round, because the load of a machine changes between rounds. */
export type Row = Omit<Round, "start"> & {
  readonly ratios: Readonly<Record<"first" | "firstCold" | "firstMixed" | "again" | "againLess" | "againCold", number>>;
};

/** Returns the medians of all rounds. */
export function rowOf(rounds: readonly Round[]): Row {
  const middle = <T>(value: (row: Round) => T, by: (value: T) => number) =>
    rounds.map(value).sort((a, b) => by(a) - by(b))[Math.floor(rounds.length / 2)] as T;
  return {
    first: middle(
      (row) => row.first,
      ({ ms }) => ms,
    ),
    again: middle(
      (row) => row.again,
      ({ ms }) => ms,
    ),
    writes: {
      warm: middle((row) => row.writes.warm, Number),
      cold: middle((row) => row.writes.cold, Number),
      mixed: middle((row) => row.writes.mixed, Number),
    },
    reads: { warm: middle((row) => row.reads.warm, Number), cold: middle((row) => row.reads.cold, Number) },
    ratios: {
      first: middle((row) => row.first.ms / row.writes.warm, Number),
      firstCold: middle((row) => row.first.ms / row.writes.cold, Number),
      firstMixed: middle((row) => row.first.ms / row.writes.mixed, Number),
      again: middle((row) => row.again.ms / (row.reads.warm + row.start.ms), Number),
      againLess: middle((row) => (row.again.ms - row.start.ms) / row.reads.warm, Number),
      againCold: middle((row) => (row.again.ms - row.start.ms) / row.reads.cold, Number),
    },
  };
}

type Report = {
  /** A run with nothing declared. */
  readonly start: Taken;
  readonly best: Best;
  /** By the number of objects of each kind. */
  readonly rows: ReadonlyMap<number, Row>;
  /** A no-op of the smallest size, with the objects of all sizes in Vault. */
  readonly small: Taken | undefined;
  readonly byHandMs: number;
};

export function printReport({ start, best, rows, small, byHandMs }: Report): void {
  console.table(tableOf(start, rows, small, byHandMs));
  const [thousand, most] = [rows.get(1000), rows.get(10_000)];
  if (thousand !== undefined && most !== undefined) {
    const times = (of: "first" | "again") => rounded(most[of].ms / thousand[of].ms);
    console.log(`10,000 take ${times("first")} times the first run of 1,000, and ${times("again")} times its no-op.`);
  }
  console.log(
    `Each of policies, Kubernetes roles and KV v2 entries. Floor: a bare client with the same login, ${best.writes} writes (mixed: ${best.mixed}) or ${best.reads} reads at once.`,
  );
  console.log(
    "Ratio: a first run to its floor, a no-op to its floor plus the start; less start: without the start on both sides.",
  );
  console.log("Cold: a bare client that was started for these requests; its own start is not counted.");
  console.log("Mixed: the warm client in the order of configure, a policy and its role in turn.");
  console.log(
    "Aims: a first run of 1,000 within 1.25 of its floor, its no-op within 1.3 of floor and start together; 10,000 at most 10 times 1,000.",
  );
}

function tableOf(start: Taken, rows: Report["rows"], small: Taken | undefined, byHandMs: number): object {
  const show = ({ ms, requests, peakMb }: Taken) => ({ ms: Math.round(ms), requests, "peak MB": Math.round(peakMb) });
  const table: Record<string, object> = { "nothing declared (the start)": show(start) };
  const floors = ({ warm, cold }: Floor) => ({ "floor ms": Math.round(warm), "cold floor": Math.round(cold) });
  for (const [count, { first, again, writes, reads, ratios }] of rows) {
    const name = count.toLocaleString("en");
    // a few requests take no longer than the start
    const isLarge = count >= 1000;
    table[`${name}, first run`] = {
      ...show(first),
      ...floors(writes),
      "floor mixed": Math.round(writes.mixed),
      ...(isLarge ? { ratio: rounded(ratios.first), "cold ratio": rounded(ratios.firstCold) } : {}),
      ...(isLarge ? { "ratio mixed": rounded(ratios.firstMixed) } : {}),
    };
    const less = { "less start": rounded(ratios.againLess), "cold less start": rounded(ratios.againCold) };
    table[`${name}, no-op`] = {
      ...show(again),
      ...floors(reads),
      ...(isLarge ? { ratio: rounded(ratios.again), ...less } : {}),
    };
  }
  if (small !== undefined) table["10, no-op, with all the others in Vault"] = show(small);
  table["10, by `vault` commands"] = { ms: Math.round(byHandMs), requests: 32 };
  return table;
}

function rounded(ratio: number): number {
  return Number(ratio.toFixed(2));
}
