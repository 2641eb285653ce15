import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "../../esbuild.config.ts";
import { reserved } from "../../src/kinds/index.ts";
import { loginAudience, loginPath, writerLogin } from "../../src/login/definition.ts";
import { projectDir } from "../cluster/paths.ts";
import { binaries } from "../helpers/binaries.ts";
import { createFakeStatefulSet } from "../helpers/fake-statefulset.ts";
import { startKube } from "../helpers/kube-server.ts";
import { makeReady } from "../helpers/ready-vault.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { vaultPodView } from "../helpers/vault-pod-view.ts";
import { startVault } from "../helpers/vault-servers.ts";
import { bareClient, type Sending } from "./bare-client.ts";
import { type Best, printReport, type Round, type Row, rowOf, type Taken } from "./configure-report.ts";
import { commandsOf, type Load, mixedWritesOf, mountsOf, readsOf, type Sent, writeDesired, writesOf } from "./load.ts";
import { type Ran, runProgram } from "./program.ts";

/**
 * Measures `configure` with 10, 1,000 and 10,000 each of policies, Kubernetes roles and KV entries, on one Vault with Raft:
 * the first run, and a second run with nothing to do. The floor, in the same run and on the same Vault, is the same
 * requests from a bare client, with the same login (Vault checks no policy of a root token), at the concurrency that suits
 * a warm client best. For the smallest size, a loop of `vault` commands is a second reference. The program is the bundle,
 * started for each run as a hook starts it.
 */

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
const token = await initialiseVault();
const bare = bareClient(origin, token);
/** A token of vault-hooks' own login, once the first `configure` has created it. */
let login = token;
let floorClient = bare;
try {
  await measure();
} finally {
  await vaults.close();
  await kube.close();
  await rm(dir, { recursive: true, force: true });
}

/** Initialises and unseals Vault. @returns a root token that remains when the first `configure` revokes its own */
async function initialiseVault(): Promise<string> {
  await createFakeStatefulSet(kube, { replicas: 1, ips: vaults.ips });
  const { vault, rootToken } = await makeReady(origin);
  const orphan = (await vault.write("auth/token/create", { policies: ["root"], no_parent: true })) ?? {};
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
  const { client_token: clientToken } = orphan["auth"] as { client_token: string };
  return clientToken;
}

async function logIn(): Promise<string> {
  const words = ["create", "token", writerLogin.serviceAccount, "-n", "vault", `--audience=${loginAudience}`];
  const body = { role: reserved.role, jwt: (await kube.kubectl(words)).trim() };
  const answer = JSON.parse(await bare.one({ method: "POST", path: loginPath, body })) as {
    auth: { client_token: string };
  };
  return answer.auth.client_token;
}

async function measure(): Promise<void> {
  await bundle(join(projectDir, "src/cli.ts"), join(dir, "app"));
  const nothing = await writeDesired(join(dir, "nothing"), { id: "nothing", count: 0 });
  await configure(nothing); // creates the login
  login = await logIn();
  floorClient = bareClient(origin, login);
  await bundle(join(projectDir, "test/bench/bare-client.ts"), join(dir, "bare"));
  const start = await median(5, () => configure(nothing));
  const best = await bestConcurrency();
  const rows = new Map<number, Row>();
  for (const { count, rounds } of sizes) rows.set(count, await medianRow(count, rounds, best, nothing));
  const small = rows.has(10) ? await configure(join(dir, "10-0")) : undefined;
  printReport({ start, best, rows, small, byHandMs: await byHand({ id: "by-hand", count: 10 }) });
}

/** Runs `configure` as a new process, and counts its requests. */
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

/** Returns the number of requests that Vault has handled, without this one. */
async function requestsOfVault(): Promise<number> {
  const metrics = await bare.one({ method: "GET", path: "sys/metrics?format=prometheus" });
  const counts = [...metrics.matchAll(/^vault_core_handle_(?:login_)?request_count(?:\{.*\})? (\S+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

async function bestConcurrency(): Promise<Best> {
  const taken: (Best & { at: number })[] = [];
  for (const at of concurrencies) {
    const load = (name: string): Load => ({ id: `${name}-at-${at}`, count: 500 });
    const [floor, mixed] = [load("floor"), load("mixed")];
    await floorClient.send([...mountsOf(floor), ...mountsOf(mixed)], 1);
    taken.push({
      at,
      writes: await floorClient.send(writesOf(floor), at),
      mixed: await floorClient.send(mixedWritesOf(mixed), at),
      reads: await floorClient.send(readsOf(floor), at),
    });
  }
  const least = (kind: keyof Best) => taken.sort((a, b) => a[kind] - b[kind])[0]?.at ?? 8;
  return { writes: least("writes"), mixed: least("mixed"), reads: least("reads") };
}

/** Measures the floor and the program in turn, each round with objects of its own. */
async function medianRow(count: number, rounds: number, best: Best, nothing: string): Promise<Row> {
  const taken: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const load = (name: string): Load => ({ id: `${name}-${count}-${round}`, count });
    const [floor, cold, mixed] = [load("floor"), load("cold"), load("mixed")];
    const folder = await writeDesired(join(dir, `${count}-${round}`), { id: `${count}-${round}`, count });
    // the warm client creates the two mounts in all cases
    const writes = {
      warm: (await floorClient.send(mountsOf(floor), 1)) + (await floorClient.send(writesOf(floor), best.writes)),
      cold: (await floorClient.send(mountsOf(cold), 1)) + (await sendCold(writesOf(cold), best.writes)),
      mixed: (await floorClient.send(mountsOf(mixed), 1)) + (await floorClient.send(mixedWritesOf(mixed), best.mixed)),
    };
    const first = await configure(folder);
    const reads = {
      warm: await floorClient.send(readsOf(floor), best.reads),
      cold: await sendCold(readsOf(cold), best.reads),
    };
    const again = await configure(folder);
    const start = await configure(nothing);
    expectPlan(first, 3 * count + 2, 0);
    expectPlan(again, 0, 3 * count + 2);
    taken.push({ start, first, again, writes, reads });
  }
  return rowOf(taken);
}

/** Sends the requests from a bare client that is started for them. @returns their duration in milliseconds */
async function sendCold(requests: readonly Sent[], concurrency: number): Promise<number> {
  const file = join(dir, "sending.json");
  const sending: Sending = { origin, requests, concurrency };
  await writeFile(file, JSON.stringify(sending));
  const { stdout } = await runBundle("bare", [file], { VAULT_TOKEN: login });
  if (!(Number(stdout) > 0)) throw new Error(`the bare client printed no duration: ${JSON.stringify(stdout)}`);
  return Number(stdout);
}

/** Fails the bench if a run planned something else: its time would mean nothing. */
function expectPlan({ stdout }: Ran, changes: number, unchanged: number): void {
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
