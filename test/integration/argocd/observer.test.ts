import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { argocdObserver } from "../../../src/argocd/observer.ts";
import type { Kube } from "../../../src/kube/kube.ts";
import { createLogger } from "../../../src/logger.ts";
import { readSettings } from "../../../src/settings.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { createMetrics } from "../../../src/util/metrics.ts";
import type { Observer, Round } from "../../../src/watch/observer.ts";
import { emptyRound } from "../../helpers/round.ts";
import { installHealth } from "../health/fixture.ts";
import { connect } from "../kube/setup.ts";
import { type Fixture, spec, startFixture, syncedStatus } from "./fixture.ts";

let fixture: Fixture;
let kube: Kube;
let clockMs = 0;
const failed = { ...syncedStatus, operationState: { ...syncedStatus.operationState, phase: "Failed", message: "no" } };
const second = 1000;

beforeAll(async () => {
  fixture = await startFixture(installHealth);
  kube = await connect(await fixture.server.kubeconfigFor("vault-watch", "vault-hooks-watch"), 180_000);
});
afterAll(() => fixture?.server.close());
beforeEach(() => fixture.put("vault", { status: inThisNamespace(failed) }));

describe("the observer", () => {
  it("requests one sync of an Application whose sync failed, and none while Argo CD runs it", async () => {
    const { observer, log } = open();
    await watch(observer, 5);
    expect(await operation()).toBeUndefined();

    await watch(observer, 5);

    expect(await operation()).toEqual({
      initiatedBy: { username: "vault-hooks", automated: true },
      info: [
        { name: "reason", value: "SyncFailed" },
        { name: "attempt", value: "1" },
      ],
      sync: { syncOptions: spec.syncPolicy.syncOptions },
    });
    expect((await fixture.get("vault")).status?.operationState).toBeUndefined();
    const { generation } = (await fixture.get("vault")).metadata;
    await watch(observer, 300);
    expect((await fixture.get("vault")).metadata.generation).toBe(generation);
    expect(log.filter((line) => line.includes("requested a sync"))).toHaveLength(1);
  });

  it("waits longer before each further sync", async () => {
    const { observer } = open();
    const waited: number[] = [];
    for (const _ of [1, 2, 3, 4]) {
      waited.push(await secondsUntilRequest(observer));
      await endOperation("Failed");
    }

    expect(waited).toEqual([5, 10, 20, 40]);
  });

  it("continues to count after a restart of the watcher", async () => {
    await secondsUntilRequest(open().observer);
    await endOperation("Failed");

    expect(await secondsUntilRequest(open().observer)).toBe(10);
  });

  it("requests only one sync when two replicas act at once", async () => {
    const other = open();
    await watch(other.observer, 60);
    await fixture.put("vault", { status: inThisNamespace(failed) });
    const slow: Kube = {
      ...kube,
      patchCustomObject: async (...args) => {
        await watch(other.observer, 5);
        return await kube.patchCustomObject(...args);
      },
    };
    const { observer, text } = open({}, slow);
    await watch(observer, 5);

    await watch(observer, 60);

    const requests = [text(), other.text()].map((each) => requestsIn(each));
    expect(requests.toSorted()).toEqual([0, 1]);
  });

  it("ends an operation that began before Vault's namespace", async () => {
    const operationState = { ...syncedStatus.operationState, phase: "Running", startedAt: "2001-01-01T00:00:00Z" };
    await fixture.put("vault", { operation: { sync: {} }, status: { ...syncedStatus, operationState } });
    const { observer, text } = open();

    await watch(observer, 5);

    expect((await fixture.get("vault")).status?.operationState?.phase).toBe("Terminating");
    expect(text()).toContain('vault_hooks_argocd_operations_ended_total{reason="NamespaceDeleted"} 1');
  });

  it("requests nothing while another replica acts", async () => {
    const { observer } = open();

    for (const seconds of [5, 60]) await watch(observer, seconds, undefined, { acting: false });

    expect(await operation()).toBeUndefined();
  });

  it("requests nothing, with a metric and one Event, when automated sync is disabled", async () => {
    await fixture.put("vault", { spec: { ...spec, syncPolicy: {} }, status: inThisNamespace(failed) });
    const { observer, text } = open();

    for (const seconds of [5, 60, 60]) await watch(observer, seconds);

    expect(await operation()).toBeUndefined();
    expect(text()).toContain('vault_hooks_argocd_paused{application="argocd/vault"} 1');
    expect((await events()).filter((each) => each.startsWith("SyncPaused"))).toEqual([
      "SyncPaused requested no sync of Application argocd/vault: the last sync failed: no; automated sync is disabled",
    ]);
  });

  it("requests a sync of every Application, although one may not be read", async () => {
    await fixture.put("root", { status: inThisNamespace(failed) });
    const { observer } = open({ "needed-applications": "argocd/secret,argocd/root" });
    const error = expect.objectContaining({
      exitCode: 5,
      message: expect.stringContaining("get Application secret in namespace argocd: Kubernetes denied it"),
    });

    for (const seconds of [5, 60]) await expect(watch(observer, seconds)).rejects.toEqual(error);

    expect(await operation("vault")).toBeDefined();
    expect(await operation("root")).toBeDefined();
  });

  it("says once that an Application does not exist", async () => {
    await fixture.server.kubectl(["-n", "argocd", "delete", "application", "root", "--ignore-not-found"]);
    const { observer, log } = open({ "needed-applications": "argocd/root" });

    for (const seconds of [5, 60, 60]) await watch(observer, seconds);

    const lines = log.filter((line) => line.includes("the Application does not exist"));
    expect(lines.map((line) => JSON.parse(line).application)).toEqual(["argocd/root"]);
  });

  it("does nothing without a name of an Application", async () => {
    const { observer } = open({ application: undefined });

    for (const seconds of [5, 60]) await watch(observer, seconds);

    expect(await operation()).toBeUndefined();
  });
});

describe("drift", () => {
  const status = { hooks: { plan: { exitCode: 10, finishedAt: "2099-01-01T00:00:00Z", message: "3 differences" } } };
  beforeEach(async () => {
    await fixture.put("vault", { status: inThisNamespace(syncedStatus) });
    const patch = ["patch", "vaulthealth", "vault", "--type=merge", "--subresource=status", "-p"];
    await fixture.server.kubectl(["-n", "vault-watch", ...patch, JSON.stringify({ status })]);
  });

  it("is shown as a metric", async () => {
    const { observer, text } = open();

    for (const seconds of [5, 60]) await watch(observer, seconds);

    expect(text()).toContain('vault_hooks_config_objects{state="drifted"} 3');
    expect(await operation()).toBeUndefined();
    await watch(observer, 60, undefined, { acting: false });
    expect(text()).not.toContain("vault_hooks_config_objects{");
  });

  it("is corrected by a sync with --correct-drift, with an Event", async () => {
    const { observer } = open({ "correct-drift": "true" });

    for (const seconds of [5, 60]) await watch(observer, seconds);

    expect(await operation()).toMatchObject({ info: [{ value: "Drift" }, { value: "1" }] });
    expect(await events()).toContain(
      "SyncRequested requested a sync of Application argocd/vault: Vault differs from its configuration in Git: 3 differences",
    );
  });
});

type Flags = Parameters<typeof readSettings>[0];

function open(flags: { [Name in keyof Flags]?: string | undefined } = {}, client = kube) {
  const log: string[] = [];
  const metrics = createMetrics();
  const given = Object.fromEntries(
    Object.entries({ application: "argocd/vault", ...flags }).filter(([, value]) => value !== undefined),
  );
  const observer = argocdObserver({
    settings: readSettings(given, false, {}),
    log: createLogger({ level: "info", output: "json", color: false }, (line) => log.push(line)),
    kube: client,
    metrics,
  });
  return { observer, log, text: metrics.text };
}

/** Passes a round to the observer that is so many seconds later than the last one, or than `fromMs`. */
async function watch(observer: Observer, seconds: number, fromMs = clockMs, round: Partial<Round> = {}): Promise<void> {
  clockMs = fromMs + seconds * second;
  await observer.observe({ ...well(), ...round }, deadlineIn(30_000));
}

function well(): Round {
  const statefulSet = { name: "vault", uid: "uid", replicas: 3 };
  return emptyRound({ clockMs, statefulSet, initialised: true, keys: { kind: "present" } });
}

async function secondsUntilRequest(observer: Observer): Promise<number> {
  await watch(observer, 5); // sees the operation as it is now
  for (let seconds = 5; seconds < 700; seconds += 5) {
    await watch(observer, 5);
    if ((await operation()) !== undefined) return seconds;
  }
  throw new Error("no sync was requested");
}

/** Does what Argo CD does when an operation ends. */
async function endOperation(phase: string): Promise<void> {
  const { operation: ended } = await fixture.get("vault");
  const operationState = {
    ...syncedStatus.operationState,
    operation: ended,
    phase,
    startedAt: new Date().toISOString(),
  };
  const patch = JSON.stringify({ operation: null, status: { operationState } });
  await fixture.server.kubectl(["-n", "argocd", "patch", "application", "vault", "--type=merge", "-p", patch]);
}

async function operation(name = "vault") {
  return (await fixture.get(name)).operation;
}

/** @returns reason and note of each Event about VaultHealth */
async function events(): Promise<string[]> {
  const list = await fixture.server.kubectl(["-n", "vault-watch", "get", "events.events.k8s.io", "-o", "json"]);
  const { items } = JSON.parse(list) as { items: { reason: string; note: string }[] };
  return items.map(({ reason, note }) => `${reason} ${note}`);
}

function requestsIn(text: string): number {
  const lines = [...text.matchAll(/^vault_hooks_argocd_sync_requests_total\{.*\} (\d+)$/gm)];
  return lines.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** The last full sync was after the namespace of this test was created. */
function inThisNamespace<T extends typeof failed>(status: T): T {
  const finishedAt = "2098-01-01T00:00:00Z";
  const history = [{ ...status.history[0], deployedAt: finishedAt }];
  return { ...status, history, operationState: { ...status.operationState, finishedAt } } as T;
}
