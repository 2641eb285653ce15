import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { applicationNames } from "../cluster/cluster.ts";
import { projectDir } from "../cluster/paths.ts";
import { type RunOptions, run } from "../cluster/run.ts";
import type { Case } from "./cases.ts";
import { runE2e } from "./e2e.ts";
import { leftBehind, readTraces } from "./traces.ts";

const tsx = join(projectDir, "node_modules/.bin/tsx");
const hour = 3_600_000;

/** Returns the cases on a real kind cluster: repeated `make up`, several nodes, docs/kind.md by hand, and the e2e. */
export function kindCases(): Case[] {
  return [
    { name: "kind, one node", run: oneNode },
    { name: "kind, three workers, one lost", run: threeWorkers },
    { name: "embedded and kind in turn leave nothing", run: inTurn },
    { name: "kind by hand, as docs/kind.md says", run: byHand },
    {
      name: "kind, wrong input",
      run: () => run(tsx, ["test/long/kind-input.ts"], onKind()).then((text) => text.trim()),
    },
    { name: "kind, the e2e", run: () => runE2e({ CLUSTER: "kind" }) },
  ];
}

/** Options of a child process: CLUSTER is read once per process, so every call needs its own. */
function onKind(env: Record<string, string> = {}): RunOptions {
  return { cwd: projectDir, env: { CLUSTER: "kind", ...env }, timeoutMs: hour };
}

const up = (options: RunOptions) => run("npm", ["run", "-s", "up"], options);
const down = (options: RunOptions) => run("npm", ["run", "-s", "down"], options);

async function oneNode(): Promise<string> {
  const kind = onKind();
  try {
    const first = parseUp(await up(kind));
    const again = parseUp(await up(kind));
    const changed = await run(tsx, ["test/long/kind.ts", "changed-policy"], kind);
    return `${first.table}\nup in ${first.time}, again in ${again.time}; ${changed.trim()}`;
  } finally {
    await down(kind);
  }
}

async function threeWorkers(): Promise<string> {
  const kind = onKind({ CLUSTER_WORKERS: "3" });
  try {
    const first = parseUp(await up(kind));
    return `${first.table}\nup in ${first.time}\n${await run(tsx, ["test/long/kind.ts", "lost-worker"], kind)}`;
  } finally {
    await down(kind);
  }
}

/** Parses the output of `make up`: the tables of members and Applications, and the time. */
function parseUp(output: string): { table: string; time: string } {
  const time = /Up in (\S+)\./.exec(output)?.[1];
  const table = /^POD[\s\S]*?(?=\n\nSecret)/im.exec(output)?.[0];
  if (time === undefined || table === undefined) throw new Error(`make up printed no table:\n${output.slice(-2000)}`);
  const healthy = table.match(/Synced +Healthy/g)?.length ?? 0;
  if (healthy !== applicationNames.length)
    throw new Error(`${healthy} of ${applicationNames.length} Applications are healthy:\n${table}`);
  return { table, time };
}

async function inTurn(): Promise<string> {
  const embedded = { ...onKind(), env: { CLUSTER: "embedded" } };
  const kind = onKind();
  await down(embedded);
  await down(kind);
  const before = await readTraces();
  const problems: string[] = [];
  for (const [name, options] of [
    ["embedded", embedded],
    ["kind", kind],
    ["embedded", embedded],
  ] as const) {
    await up(options);
    await down(options);
    problems.push(...leftBehind(before, await readTraces()).map((each) => `${name} left ${each}`));
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return "nothing is left: no process, mount, link, rule, kernel setting or cgroup";
}

/** Runs the commands of docs/kind.md from `kind create cluster` on, with local images and charts instead of a registry's. */
async function byHand(): Promise<string> {
  const kind = onKind();
  // Creates Docker, the node image and the images that the commands need.
  await up(kind);
  try {
    const text = await readFile(join(projectDir, "docs/kind.md"), "utf8");
    const script = join(projectDir, "test/long/kind-by-hand.ts");
    const output = await run(tsx, [script], { ...kind, input: text });
    return output.trim();
  } finally {
    await down(kind);
  }
}
