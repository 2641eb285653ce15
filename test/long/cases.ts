import { join } from "node:path";
import { up } from "../cluster/cluster.ts";
import { projectDir } from "../cluster/paths.ts";
import { run } from "../cluster/run.ts";
import { openApi } from "../e2e/support/api.ts";
import { findLeaks } from "../e2e/support/leaks.ts";
import { logPlaces, objectPlaces, recordedPlaces } from "../e2e/support/places.ts";
import { type Program, runImage, runSource } from "../e2e/support/programs.ts";
import { installVault, podsRunning, removeVault } from "../e2e/support/second-vault.ts";
import { milestones } from "../e2e/support/timeline.ts";
import { tokenStatus } from "../e2e/support/vault.ts";
import { laterWaves, overlapping } from "../e2e/support/waves.ts";
import { needlesOf, newWorld, rootTokenOf } from "../e2e/support/world.ts";
import { runE2e } from "./e2e.ts";

/** One case. `run` returns a line for the report, and throws when the case fails. */
export type Case = { readonly name: string; readonly run: () => Promise<string> };

const wipes = 10;
const programs: Readonly<Record<string, Program>> = { image: runImage, source: runSource };
const sizes = [
  { members: 1, shares: 1, threshold: 1 },
  { members: 3, shares: 1, threshold: 1 },
  { members: 3, shares: 5, threshold: 3 },
  { members: 5, shares: 3, threshold: 2 },
  { members: 5, shares: 9, threshold: 9 },
] as const;

/** Returns the cases on the embedded cluster (ten installations after a wipe, bring-up by each program at each size), and the watcher's. */
export function cases(): Case[] {
  const wipeCases = Array.from({ length: wipes }, (_, i) => ({
    name: `wipe ${i + 1} of ${wipes}`,
    run: wipeAndInstall,
  }));
  const sizeCases = Object.entries(programs).flatMap(([programName, program]) =>
    sizes.map((size) => ({
      name: `${programName}, ${size.members} members, ${size.threshold} of ${size.shares} shares`,
      run: () => bringUp(program, size),
    })),
  );
  return [
    ...wipeCases,
    ...sizeCases,
    { name: "watch, half an hour and 1,000 pod events", run: soakWatch },
    {
      name: "the e2e, with the attack on custody and the deletion of namespace vault",
      run: () => runE2e({ CLUSTER: "embedded", E2E_LONG: "1" }),
    },
    { name: "the e2e on Argo CD 3.2.11", run: () => runE2e({ CLUSTER: "embedded", CLUSTER_ARGOCD: "3.2.11" }) },
  ];
}

/** Memory and CPU of the watcher. Needs no cluster. */
async function soakWatch(): Promise<string> {
  const tsx = join(projectDir, "node_modules/.bin/tsx");
  return (await run(tsx, ["test/long/watch.ts"], { cwd: projectDir, timeoutMs: 3_600_000 })).trim();
}

/** Checks an installation on an empty cluster: the order of the waves, leaked secrets, and the revoked root token. */
async function wipeAndInstall(): Promise<string> {
  const world = await newWorld();
  try {
    const passed = milestones(world.recorder);
    const { looked, tooEarly } = await laterWaves(world.api, world.recorder);
    const places = [await logPlaces(world.api), world.keptLogs, await objectPlaces(world.api)].flat();
    const leaks = findLeaks([...places, ...recordedPlaces(world.recorder)], needlesOf(world));
    const errors = [...overlapping(world.recorder), ...tooEarly, ...leaks];
    if (errors.length > 0) throw new Error(errors.join("\n"));
    const status = await tokenStatus(world.api, rootTokenOf(world));
    if (status !== 403)
      throw new Error(`the root token still works: its lookup returned status ${status}, expected 403`);
    const secret = passed.find(({ what }) => what.startsWith("Secret"))?.moment.at ?? 0;
    return `Secret after ${((secret - world.from) / 1000).toFixed(1)} s, ${looked} later objects`;
  } finally {
    await world.close();
  }
}

type Size = (typeof sizes)[number];

/** Runs bootstrap twice: the second run must find nothing to do, and end with 0 too. */
async function bringUp(program: Program, { members, shares, threshold }: Size): Promise<string> {
  const cluster = await up();
  const api = openApi(cluster.kubeconfig);
  const vault = await installVault("vault-long", members);
  try {
    await podsRunning(api, vault, members);
    const bootstrap = ["bootstrap", ...vault.flags, "--shares", `${shares}`, "--threshold", `${threshold}`];
    const start = Date.now();
    await runSuccessfully(program, cluster.kubeconfig, bootstrap);
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    await runSuccessfully(program, cluster.kubeconfig, bootstrap);
    return `up in ${seconds} s`;
  } finally {
    await removeVault(api, vault);
    await api.close();
  }
}

async function runSuccessfully(program: Program, kubeconfig: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await program(kubeconfig, args);
  if (code !== 0) throw new Error(`${args[0]} exited with ${code}: ${stderr.slice(-1000)}`);
}
