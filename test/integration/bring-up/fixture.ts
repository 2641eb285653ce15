import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Agent, request } from "undici";
import { expect } from "vitest";
import { projectDir } from "../../cluster/paths.ts";
import { createFakeStatefulSet, type FakeStatefulSet } from "../../helpers/fake-statefulset.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { type Proxy as FaultProxy, startProxy } from "../../helpers/proxy.ts";
import { type Outcome, type RunningCli, runCli, startCli } from "../../helpers/run-cli.ts";
import { vaultPodView } from "../../helpers/vault-pod-view.ts";
import { startVault, type VaultOptions, type VaultServers } from "../../helpers/vault-servers.ts";

/** Real Vaults with Raft, a real API server with Vault's StatefulSet, and the program to run against them. */
export type Fixture = {
  readonly kube: KubeServer;
  readonly vaults: VaultServers;
  readonly pods: FakeStatefulSet;
  /** One before each Vault. Every run goes through them. */
  readonly proxies: readonly FaultProxy[];
  /** Runs a command. `flags` override those that every run gets. */
  run(command: string, ...flags: string[]): Promise<Outcome>;
  start(command: string, ...flags: string[]): Promise<RunningCli>;
  /** Like start, with these environment variables. */
  startIn(env: Readonly<Record<string, string>>, command: string): Promise<RunningCli>;
  /** The flag that limits a run to the rights of this hook. */
  as(command: string): Promise<string>;
  /** Runs init, unseal and join. Fails unless each succeeds. `flags` are for init. */
  bringUp(...flags: string[]): Promise<void>;
  /** Empties Vaults and custody, and recreates every pod and claim. */
  reset(): Promise<void>;
  /** Restarts all Vaults, which are then sealed. */
  restart(): Promise<void>;
  /** The decoded data of a Secret in custody. */
  secret(name: string): Promise<Record<string, string> | undefined>;
  record(): Promise<Record<string, string>>;
  custodyNames(): Promise<string[]>;
  sealStatus(i: number): Promise<Record<string, unknown>>;
  close(): Promise<void>;
};

const namespace = "vault-custody";

/** @param options of the Vaults; with TLS there are no proxies, since they support HTTP only */
export async function startFixture(members = 3, options: VaultOptions = {}): Promise<Fixture> {
  const [kube, vaults] = await Promise.all([startKube(), startVault({ ...options, members })]);
  return await fixtureOf(kube, vaults, members);
}

/** A fixture of three Vaults that review tokens with the API server, so that configure works too. */
export async function startConfigurable(): Promise<Fixture> {
  const kube = await startKube();
  return await fixtureOf(kube, await startVault({ members: 3, podView: await vaultPodView(kube) }), 3);
}

async function fixtureOf(kube: KubeServer, vaults: VaultServers, members: number): Promise<Fixture> {
  const vaultAddr = `${vaults.caFile === undefined ? "http" : "https"}://127.0.0.1:8200`;
  const pods = await createFakeStatefulSet(kube, { replicas: members, ips: vaults.ips, vaultAddr });
  const { ca } = vaults;
  const dispatcher = new Agent(
    ca === undefined ? {} : { connect: { ca, servername: "vault-0.vault-internal.vault.svc" } },
  );
  const tls = vaults.caFile === undefined ? [] : [`--ca-file=${vaults.caFile}`];
  const { proxies, address } = tls.length > 0 ? { ...vaults, proxies: [] } : await startProxies(vaults.addresses);
  const ordinals = Array.from({ length: members }, (_, i) => i);
  const common = (flags: string[]) => [
    ...[`--kubeconfig=${kube.kubeconfig}`, `--address=${address}`, "--output=json", "--timeout=40s"],
    ...tls,
    ...flags,
  ];
  const argsOf = (command: string, flags: string[]) => [command, ...common(flags)];
  const kubectl = (...args: string[]) => kube.kubectl(["-n", namespace, ...args]);
  const fixture: Fixture = {
    kube,
    vaults,
    pods,
    proxies,
    run: (command, ...flags) => runCli(argsOf(command, flags)),
    start: (command, ...flags) => startCli(argsOf(command, flags)),
    startIn: (env, command) => startCli(argsOf(command, []), { env }),
    async as(command) {
      await kube.apply(await readFile(join(projectDir, `hooks/base/${command}/rbac.yaml`), "utf8"));
      return `--kubeconfig=${await kube.kubeconfigFor("vault", `vault-hooks-${command}`)}`;
    },
    async bringUp(...flags) {
      expectCode(await fixture.run("init", ...flags), 0);
      for (const command of ["unseal", "join"]) expectCode(await fixture.run(command), 0);
    },
    async reset() {
      for (const proxy of proxies) proxy.clearFaults();
      await kubectl("delete", "secret,configmap,lease", "--all", "--wait=false");
      await Promise.all(
        ordinals.map(async (i) => {
          await vaults.kill(i);
          await vaults.wipe(i);
          await vaults.start(i);
        }),
      );
      await pods.scale(members);
      for (const i of ordinals) await pods.addPod(i);
    },
    async restart() {
      await Promise.all(ordinals.map((i) => vaults.kill(i)));
      await Promise.all(ordinals.map((i) => vaults.start(i)));
    },
    async secret(name) {
      const text = await kubectl("get", "secret", name, "--ignore-not-found", "-o=json");
      if (text === "") return undefined;
      const { data = {} } = JSON.parse(text) as { data?: Record<string, string> };
      return Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
      );
    },
    async record() {
      const { data } = JSON.parse(await kubectl("get", "configmap", "vault-init-record", "-o=json"));
      return data as Record<string, string>;
    },
    custodyNames: async () => (await kubectl("get", "secret", "-o=name")).split("\n").filter((line) => line !== ""),
    async sealStatus(i) {
      const { body } = await request(`${vaults.addresses[i]}/v1/sys/seal-status`, { dispatcher });
      return (await body.json()) as Record<string, unknown>;
    },
    async close() {
      await dispatcher.destroy();
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await vaults.close();
      await kube.close();
    },
  };
  return fixture;
}

/** Proxies on ports that differ in their last digit, which is the member's ordinal. */
async function startProxies(origins: readonly string[]): Promise<{ proxies: FaultProxy[]; address: string }> {
  for (let tries = 0; tries < 50; tries++) {
    const prefix = 1100 + Math.floor(Math.random() * 2100);
    const started = await Promise.allSettled(origins.map((origin, i) => startProxy(origin, prefix * 10 + i)));
    const proxies = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    if (proxies.length === origins.length) return { proxies, address: `http://127.0.0.1:${prefix}{ordinal}` };
    await Promise.all(proxies.map((proxy) => proxy.close()));
  }
  throw new Error("found no neighbouring free ports");
}

/** The exit code, with the log in the failure's message. */
export function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, outcome.stderr).toBe(code);
}

/** The last line of the log, which has the error and what to do. */
export function failure({ stderr }: Outcome): { exitCode: number; error: string; todo?: string } {
  return JSON.parse(stderr.trim().split("\n").at(-1) ?? "{}");
}

/** Waits until a running command has logged a string. Fails if it ends first. */
export async function untilLogged(running: RunningCli, text: string): Promise<void> {
  let ended = false;
  void running.outcome.then(() => {
    ended = true;
  });
  while (!running.stderr().includes(text)) {
    if (ended) throw new Error(`it ended without having logged "${text}":\n${running.stderr()}`);
    await delay(50);
  }
}

/** The changes that the command printed. */
export function changes({ stdout }: Outcome): string[] {
  return (JSON.parse(stdout) as { changed: string[] }).changed;
}

/** Every secret value in custody, also in base64 and hex. */
export async function secretValues(fixture: Fixture): Promise<string[]> {
  const values: string[] = [];
  for (const name of ["vault-unseal-keys", "vault-root-token", "vault-init-answer"]) {
    for (const [key, value] of Object.entries((await fixture.secret(name)) ?? {})) {
      if (key === "token" || /^share-\d+$/.test(key)) values.push(value, Buffer.from(value).toString("base64"));
    }
  }
  const hex = values.filter((value) => /^[A-Za-z0-9+/]{43}=?$/.test(value));
  return [...values, ...hex.map((value) => Buffer.from(value, "base64").toString("hex"))];
}

/** Fails if an output has one of the values. Checks first that the search finds a planted value. */
export function expectNoSecrets(outcome: Outcome, values: readonly string[]): void {
  const found = (text: string) => values.filter((value) => text.includes(value));
  expect(values.length).toBeGreaterThan(1);
  expect(found(`planted ${values[0]}`)).not.toEqual([]);
  expect(found(outcome.stdout + outcome.stderr)).toEqual([]);
}
