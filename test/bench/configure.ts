import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "../../esbuild.config.ts";
import { reserved } from "../../src/kinds/index.ts";
import { loginAudience, loginPath, loginServiceAccount } from "../../src/login/definition.ts";
import { projectDir } from "../cluster/paths.ts";
import { binaries } from "../helpers/binaries.ts";
import { createFakeStatefulSet } from "../helpers/fake-statefulset.ts";
import { startKube } from "../helpers/kube-server.ts";
import { makeReady } from "../helpers/ready-vault.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { vaultPodView } from "../helpers/vault-pod-view.ts";
import { startVault } from "../helpers/vault-servers.ts";
import { bareClient, type Sending } from "./bare-client.ts";
import { commandsOf, type Load, mixedWritesOf, mountsOf, readsOf, type Sent, writeDesired, writesOf } from "./load.ts";
import { type Ran, runProgram } from "./program.ts";

/**
 * `configure` with 10, 1,000 and 10,000 each of policies, Kubernetes roles and KV entries, on one Vault with Raft: the
 * first run, and the run after it, which finds nothing to do. Beside each, in the same run and on the same Vault: the floor,
 * which is the same requests from a bare client, by the same login (Vault checks no policy of a root token), at the concurrency
 * that suits it best once it is warm, and for the smallest the `vault` command in a loop. The program is the bundle, started
 * anew for each run as a hook starts it.
 */
type Taken = Ran & { readonly requests: number };
/**
 * In milliseconds: of a client that has sent thousands of requests before, and of one that was started for these; its own
 * start is not counted.
 */
type Floor = { readonly warm: number; readonly anew: number };
/** The concurrency that suits each best. */
type Best = { readonly writes: number; readonly mixed: number; readonly reads: number };
type Round = {
  readonly start: Taken;
  readonly first: Taken;
  readonly again: Taken;
  /** `mixed`: in the order of `configure`, where the others write one kind after the other. */
  readonly writes: Floor & { readonly mixed: number };
  readonly reads: Floor;
};
/** Medians. A ratio is that of runs side by side, since a busy machine changes from one to the next. */
type Row = Omit<Round, "start"> & {
  readonly ratios: Readonly<Record<"first" | "firstAnew" | "firstMixed" | "again" | "againLess" | "againAnew", number>>;
};

/** `npm run bench:configure -- 1000` measures that size alone. */
const only = process.argv.slice(2).map(Number);
const sizes = [
  { count: 10, rounds: 3 },
  { count: 1000, rounds: 9 },
  { count: 10_000, rounds: 1 },
].filter(({ count }) => only.length === 0 || only.includes(count));
const concurrencies = [4, 8, 16, 32, 64];

const dir = await tempDir("bench");
const kube = await startKube();
const vaults = await startVault({
  podView: await vaultPodView(kube),
  config: 'telemetry {\n  disable_hostname = true\n  prometheus_retention_time = "24h"\n}\n',
});
const origin = vaults.addresses[0] ?? "";
const token = await openVault();
const bare = bareClient(origin, token);
/** By the login of vault-hooks, once the first `configure` has made it. */
let login = token;
let floorClient = bare;
try {
  await measure();
} finally {
  await vaults.close();
  await kube.close();
  await rm(dir, { recursive: true, force: true });
}

/** @returns a root token that outlives the one which the first `configure` revokes */
async function openVault(): Promise<string> {
  await createFakeStatefulSet(kube, { replicas: 1, ips: vaults.ips });
  const { vault, rootToken } = await makeReady(origin);
  const lasting = (await vault.write("auth/token/create", { policies: ["root"], no_parent: true })) ?? {};
  await kube.kubectl([
    "-n",
    "vault-custody",
    "create",
    "secret",
    "generic",
    "vault-root-token",
    `--from-literal=token=${rootToken}`,
  ]);
  await vault.close();
  const { client_token: clientToken } = lasting["auth"] as { client_token: string };
  return clientToken;
}

async function logIn(): Promise<string> {
  const words = ["create", "token", loginServiceAccount, "-n", "vault", `--audience=${loginAudience}`];
  const body = { role: reserved.role, jwt: (await kube.kubectl(words)).trim() };
  const answer = JSON.parse(await bare.one({ method: "POST", path: loginPath, body })) as {
    auth: { client_token: string };
  };
  return answer.auth.client_token;
}

async function measure(): Promise<void> {
  await bundle(join(projectDir, "src/cli.ts"), join(dir, "app"));
  const nothing = await writeDesired(join(dir, "nothing"), { id: "nothing", count: 0 });
  await configure(nothing); // makes the login
  login = await logIn();
  floorClient = bareClient(origin, login);
  await bundle(join(projectDir, "test/bench/bare-client.ts"), join(dir, "bare"));
  const start = await median(5, () => configure(nothing));
  const best = await bestConcurrency();
  const rows = new Map<number, Row>();
  for (const { count, rounds } of sizes) rows.set(count, await medianRow(count, rounds, best, nothing));
  const small = rows.has(10) ? await configure(join(dir, "10-0")) : undefined;
  print(start, best, rows, small, await byHand({ id: "by-hand", count: 10 }));
}

/** The program from its start to its end. */
async function configure(folder: string): Promise<Taken> {
  const flags = [`--kubeconfig=${kube.kubeconfig}`, `--address=${vaults.address}`, "--output=json", "--timeout=10m"];
  const before = await requestsOfVault();
  const ran = await runBundle("app", ["configure", `--config=${folder}`, ...flags]);
  return { ...ran, requests: (await requestsOfVault()) - before - 1 };
}

/** Runs a bundle as the image runs its program. */
async function runBundle(name: "app" | "bare", args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const program = {
    command: process.execPath,
    args: [join(dir, name, "vault-hooks.cjs"), ...args],
    env: { NODE_ENV: "production", ...env },
  };
  return await runProgram(program, join(dir, `last-${name}`));
}

/** How many requests Vault has handled, this one not counted. */
async function requestsOfVault(): Promise<number> {
  const metrics = await bare.one({ method: "GET", path: "sys/metrics?format=prometheus" });
  const counts = [...metrics.matchAll(/^vault_core_handle_(?:login_)?request_count(?:\{.*\})? (\S+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

async function bestConcurrency(): Promise<Best> {
  const taken: (Best & { at: number })[] = [];
  for (const at of concurrencies) {
    const load = (what: string): Load => ({ id: `${what}-at-${at}`, count: 500 });
    const [floor, mixed] = [load("floor"), load("mixed")];
    await floorClient.send([...mountsOf(floor), ...mountsOf(mixed)], 1);
    taken.push({
      at,
      writes: await floorClient.send(writesOf(floor), at),
      mixed: await floorClient.send(mixedWritesOf(mixed), at),
      reads: await floorClient.send(readsOf(floor), at),
    });
  }
  const least = (what: keyof Best) => taken.sort((a, b) => a[what] - b[what])[0]?.at ?? 8;
  return { writes: least("writes"), mixed: least("mixed"), reads: least("reads") };
}

/** Floor and program in turn; each round on objects of its own. */
async function medianRow(count: number, rounds: number, best: Best, nothing: string): Promise<Row> {
  const taken: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const load = (what: string): Load => ({ id: `${what}-${count}-${round}`, count });
    const [floor, anew, mixed] = [load("floor"), load("anew"), load("mixed")];
    const folder = await writeDesired(join(dir, `${count}-${round}`), { id: `${count}-${round}`, count });
    // the two mounts are made by the warm client in all cases
    const writes = {
      warm: (await floorClient.send(mountsOf(floor), 1)) + (await floorClient.send(writesOf(floor), best.writes)),
      anew: (await floorClient.send(mountsOf(anew), 1)) + (await sendAnew(writesOf(anew), best.writes)),
      mixed: (await floorClient.send(mountsOf(mixed), 1)) + (await floorClient.send(mixedWritesOf(mixed), best.mixed)),
    };
    const first = await configure(folder);
    const reads = {
      warm: await floorClient.send(readsOf(floor), best.reads),
      anew: await sendAnew(readsOf(anew), best.reads),
    };
    const again = await configure(folder);
    const start = await configure(nothing);
    see(first, 3 * count + 2, 0);
    see(again, 0, 3 * count + 2);
    taken.push({ start, first, again, writes, reads });
  }
  const middle = <T>(value: (row: Round) => T, by: (value: T) => number) =>
    taken.map(value).sort((a, b) => by(a) - by(b))[Math.floor(rounds / 2)] as T;
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
      anew: middle((row) => row.writes.anew, Number),
      mixed: middle((row) => row.writes.mixed, Number),
    },
    reads: { warm: middle((row) => row.reads.warm, Number), anew: middle((row) => row.reads.anew, Number) },
    ratios: {
      first: middle((row) => row.first.ms / row.writes.warm, Number),
      firstAnew: middle((row) => row.first.ms / row.writes.anew, Number),
      firstMixed: middle((row) => row.first.ms / row.writes.mixed, Number),
      again: middle((row) => row.again.ms / (row.reads.warm + row.start.ms), Number),
      againLess: middle((row) => (row.again.ms - row.start.ms) / row.reads.warm, Number),
      againAnew: middle((row) => (row.again.ms - row.start.ms) / row.reads.anew, Number),
    },
  };
}

/** By a bare client that is started for it. @returns how long its requests took, in milliseconds */
async function sendAnew(requests: readonly Sent[], concurrency: number): Promise<number> {
  const file = join(dir, "sending.json");
  const sending: Sending = { origin, requests, concurrency };
  await writeFile(file, JSON.stringify(sending));
  const { stdout } = await runBundle("bare", [file], { VAULT_TOKEN: login });
  if (!(Number(stdout) > 0)) throw new Error(`the bare client told no time: ${JSON.stringify(stdout)}`);
  return Number(stdout);
}

/** A run that did something else than was meant measures nothing. */
function see({ stdout }: Ran, changes: number, unchanged: number): void {
  const { plan } = JSON.parse(stdout.split("\n")[0] ?? "") as { plan: { changes: unknown[]; unchanged: number } };
  if (plan.changes.length === changes && plan.unchanged === unchanged) return;
  throw new Error(
    `planned ${plan.changes.length} changes and ${plan.unchanged} unchanged, expected ${changes} and ${unchanged}`,
  );
}

async function median(rounds: number, act: () => Promise<Taken>): Promise<Taken> {
  const taken: Taken[] = [];
  for (let round = 0; round < rounds; round++) taken.push(await act());
  return taken.sort((a, b) => a.ms - b.ms)[Math.floor(rounds / 2)] as Taken;
}

async function byHand(load: Load): Promise<number> {
  const { vault } = await binaries("vault");
  const script = join(dir, "by-hand.sh");
  await writeFile(script, `vault() { ${vault} "$@"; }\n${commandsOf(load)}`);
  const env = { PATH: process.env["PATH"], HOME: dir, VAULT_ADDR: origin, VAULT_TOKEN: token };
  return (await runProgram({ command: "bash", args: [script], env }, join(dir, "by-hand"))).ms;
}

function print(
  start: Taken,
  best: Best,
  rows: ReadonlyMap<number, Row>,
  small: Taken | undefined,
  byHandMs: number,
): void {
  const show = ({ ms, requests, peakMb }: Taken) => ({ ms: Math.round(ms), requests, "peak MB": Math.round(peakMb) });
  const table: Record<string, object> = { "nothing declared (the start)": show(start) };
  const floors = ({ warm, anew }: Floor) => ({ "floor ms": Math.round(warm), "floor anew": Math.round(anew) });
  for (const [count, { first, again, writes, reads, ratios }] of rows) {
    const name = count.toLocaleString("en");
    // the start is all that a few requests take
    const isLarge = count >= 1000;
    table[`${name}, first run`] = {
      ...show(first),
      ...floors(writes),
      "floor mixed": Math.round(writes.mixed),
      ...(isLarge ? { ratio: rounded(ratios.first), "ratio anew": rounded(ratios.firstAnew) } : {}),
      ...(isLarge ? { "ratio mixed": rounded(ratios.firstMixed) } : {}),
    };
    const less = { "less start": rounded(ratios.againLess), "less start anew": rounded(ratios.againAnew) };
    table[`${name}, no-op`] = {
      ...show(again),
      ...floors(reads),
      ...(isLarge ? { ratio: rounded(ratios.again), ...less } : {}),
    };
  }
  if (small !== undefined) table["10, no-op, beside all the others"] = show(small);
  table["10, by `vault` commands"] = { ms: Math.round(byHandMs), requests: 32 };
  console.table(table);
  const [thousand, most] = [rows.get(1000), rows.get(10_000)];
  if (thousand !== undefined && most !== undefined) {
    const times = (of: "first" | "again") => rounded(most[of].ms / thousand[of].ms);
    console.log(`10,000 take ${times("first")} times the first run of 1,000, and ${times("again")} times its no-op.`);
  }
  console.log(
    `Each of policies, Kubernetes roles and KV v2 entries. Floor: a bare client by the same login, ${best.writes} writes (mixed: ${best.mixed}) or ${best.reads} reads at once.`,
  );
  console.log(
    "Ratio: of a first run to its floor, of a no-op to its floor and the start; less start: without it on both sides.",
  );
  console.log(
    "Anew: by a bare client that was started for these requests, as the program is, without a code cache; its own start is not counted.",
  );
  console.log(
    "Mixed: by the warm client in the order of configure, a policy and its role in turn; the other floors write one kind after the other.",
  );
  console.log(
    "Aims: a first run of 1,000 within 1.25 of its floor, its no-op within 1.3 of floor and start together; 10,000 at most 10 times 1,000.",
  );
}

function rounded(ratio: number): number {
  return Number(ratio.toFixed(2));
}
