import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { projectDir } from "../../cluster/paths.ts";
import { type Outcome, type RunningCli, startCli } from "../../helpers/run-cli.ts";
import { type Fixture, untilLogged } from "../bring-up/fixture.ts";

/** A running watcher, with the rights that hooks/watch grants it. */
export type Watcher = {
  readonly running: RunningCli;
  /** Its metrics, by name with labels. */
  metrics(): Promise<Record<string, number>>;
  probe(path: "/healthz" | "/readyz"): Promise<{ status: number; text: string }>;
  /** The messages of its log, with the fields of each. */
  log(): Record<string, unknown>[];
  /** Waits until it has logged this text. */
  logged(text: string): Promise<void>;
  /** Ends it by SIGTERM. Fails unless it exits with 0. */
  stop(): Promise<Outcome>;
};

const running = new Set<RunningCli>();

/** Ends the watchers that a failed test has left. */
export async function killWatchers(): Promise<void> {
  for (const each of running) {
    each.signal("SIGKILL");
    await each.outcome;
  }
}

export type WatchOptions = {
  /** Another address of the API server. */
  readonly server?: string;
  /** Made before; needed if the API server does not run. */
  readonly kubeconfig?: string;
  /** Of the members, with {pod} or {ordinal}; by default the fixture's proxies. */
  readonly address?: string;
  readonly flags?: readonly string[];
  /** Whether to wait until it acts; true by default. */
  readonly acting?: boolean;
};

/** Grants the watcher its rights. Its namespace must not exist yet, or it may. */
export async function grantWatchRights({ kube }: Pick<Fixture, "kube">): Promise<void> {
  await kube.apply("{apiVersion: v1, kind: Namespace, metadata: {name: vault-watch}}");
  await kube.apply(await readFile(join(projectDir, "hooks/watch/base/rbac.yaml"), "utf8"));
}

export async function watchKubeconfig({ kube }: Fixture, server?: string): Promise<string> {
  return await kube.kubeconfigFor("vault-watch", "vault-hooks-watch", server);
}

/** Starts `watch` against the fixture's Vaults, which it reaches through the fixture's proxies. */
export async function startWatch(fixture: Fixture, options: WatchOptions = {}): Promise<Watcher> {
  const kubeconfig = options.kubeconfig ?? (await watchKubeconfig(fixture, options.server));
  const address = options.address ?? fixture.proxies[0]?.address.replace(/\d$/, "{ordinal}");
  const flags = [`--kubeconfig=${kubeconfig}`, `--address=${address}`, "--output=json", "--listen=127.0.0.1:0"];
  const started = await startCli(["watch", ...flags, ...(options.flags ?? [])]);
  return await watching(started, options.acting ?? true);
}

/** Wraps a started `watch`. @param acting whether to wait until it acts */
export async function watching(started: RunningCli, acting: boolean): Promise<Watcher> {
  running.add(started);
  void started.outcome.finally(() => running.delete(started));
  await untilLogged(started, '"listening"');
  if (acting) await untilLogged(started, "holds the Lease");
  const log = () =>
    started
      .stderr()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const port = log().find(({ msg }) => msg === "listening")?.["port"];
  const get = async (path: string) => await fetch(`http://127.0.0.1:${port}${path}`);
  return {
    running: started,
    log,
    logged: (text) => untilLogged(started, text),
    async metrics() {
      const lines = (await (await get("/metrics")).text())
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));
      return Object.fromEntries(
        lines.map((line) => line.split(" ")).map(([name = "", value]) => [name, Number(value)]),
      );
    },
    async probe(path) {
      const answer = await get(path);
      return { status: answer.status, text: (await answer.text()).trim() };
    },
    async stop() {
      started.signal("SIGTERM");
      const outcome = await started.outcome;
      expect(outcome.code, outcome.stderr).toBe(0);
      return outcome;
    },
  };
}

/** Waits until a condition is met. @throws Error after the time */
export async function untilTrue(what: string, condition: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const from = performance.now();
  while (!(await condition().catch(() => false))) {
    if (performance.now() - from > withinMs) throw new Error(`gave up waiting for ${what}`);
    await delay(20);
  }
}

/** Waits until these members are unsealed. @returns milliseconds from the first answer of each one's listener, the slowest */
export async function untilUnsealed(fixture: Fixture, members: readonly number[]): Promise<number> {
  const times = await Promise.all(
    members.map(async (i) => {
      await untilTrue(`vault-${i} to answer`, async () => (await fixture.sealStatus(i))["sealed"] !== undefined);
      const listening = performance.now();
      await untilTrue(`vault-${i} to be unsealed`, async () => (await fixture.sealStatus(i))["sealed"] === false);
      return performance.now() - listening;
    }),
  );
  return Math.round(Math.max(...times));
}

/** Ends these members and starts them again, and waits until they are unsealed. @returns as untilUnsealed */
export async function restartMembers(fixture: Fixture, members: readonly number[]): Promise<number> {
  await Promise.all(members.map((i) => fixture.vaults.kill(i)));
  const started = Promise.all(members.map((i) => fixture.vaults.start(i)));
  const [ms] = await Promise.all([untilUnsealed(fixture, members), started]);
  return ms;
}

/** How many shares were sent to a member. */
export function sharesSent({ proxies }: Fixture, i: number): number {
  return proxies[i]?.requests.filter((each) => each.endsWith("sys/unseal")).length ?? 0;
}

/** The holder of a Lease; "" if nobody holds it. */
export async function holderOf({ kube }: Fixture, namespace: string, name: string): Promise<string> {
  return await kube.kubectl(["-n", namespace, "get", "lease", name, "-o=jsonpath={.spec.holderIdentity}"]);
}
