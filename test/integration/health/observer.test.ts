import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { healthObserver } from "../../../src/health/observer.ts";
import type { Report } from "../../../src/health/vault-health.ts";
import { connectKube } from "../../../src/kube/client.ts";
import type { Kube } from "../../../src/kube/kube.ts";
import { createLogger } from "../../../src/logger.ts";
import { readSettings } from "../../../src/settings.ts";
import { deadlineIn, renewedDeadline } from "../../../src/util/deadline.ts";
import { createMetrics } from "../../../src/util/metrics.ts";
import type { Observer, Round } from "../../../src/watch/observer.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { pods } from "../../unit/bring-up/states.ts";
import { members, roundAt } from "../../unit/health/rounds.ts";
import { settingsFor } from "../kube/setup.ts";
import { createHealth, installHealth, removeHealth, storedHealth } from "./fixture.ts";

const log = createLogger({ level: "error", output: "json", color: false }, () => undefined);
let server: KubeServer;
let kube: Kube;
let observer: Observer;

beforeAll(async () => {
  server = await startKube();
  await installHealth(server);
  const kubeconfig = await server.kubeconfigFor("vault-watch", "vault-hooks-watch");
  kube = await connectKube(settingsFor(kubeconfig), renewedDeadline(10_000));
});
afterAll(() => server?.close());
beforeEach(async () => {
  await removeHealth(server);
  await createHealth(server);
  await server.kubectl(["delete", "events", "--all", "-n", "vault-watch"]);
  observer = newObserver();
});

function newObserver(): Observer {
  return healthObserver({ kube, settings: readSettings({}, false, {}), log, metrics: createMetrics() });
}

/** Lets the observer see a round, some seconds after the first. */
async function see(seconds: number, more: Partial<Round> = {}, by: Observer = observer): Promise<Report> {
  await by.observe(roundAt(seconds, more), deadlineIn(10_000));
  return (await storedHealth(server)).status as Report;
}

const sealed = { members: members(pods.sealed("vault-1")) };
const reasonsOf = ({ problems }: Report) => problems.map(({ reason, object }) => `${reason} ${object}`);

type Event = { reason: string; type: string; note: string; regarding: { kind: string; name: string; uid: string } };

async function events(): Promise<Event[]> {
  const text = await server.kubectl(["get", "events.events.k8s.io", "-n", "vault-watch", "-o=json"]);
  return (JSON.parse(text) as { items: Event[] }).items;
}

describe("the watcher, with the rights of its ServiceAccount,", () => {
  it("writes that Vault is well, and kubectl shows it in one line", async () => {
    const hook = { exitCode: 0, finishedAt: new Date().toISOString() };
    const hooks = { init: hook, unseal: hook, join: hook, configure: hook };
    const patch = JSON.stringify({ status: { hooks } });
    await server.kubectl([
      "patch",
      "vaulthealth",
      "vault",
      "-n",
      "vault-watch",
      "--subresource=status",
      "--type=merge",
      "-p",
      patch,
    ]);

    await see(0);

    const [head = "", line = "", ...rest] = (await server.kubectl(["get", "vh", "-n", "vault-watch"]))
      .trim()
      .split("\n");
    expect(head.split(/ +/)).toEqual(
      "NAME MEMBERS SEALED LEADER DRIFT INIT UNSEAL JOIN CONFIGURE RAN HEALTHY OBSERVED AGE MESSAGE".split(" "),
    );
    expect(line).toMatch(
      /^vault +3\/3 +0 +vault-0 +none +0 +0 +0 +0 +\d+s +True +\S+ +\d+s +3\/3 members unsealed, leader vault-0$/,
    );
    expect(rest).toEqual([]);
  });

  it("shows the age and the exit code of every run in the wide line", async () => {
    const wide = await server.kubectl(["get", "vaulthealths", "-n", "vault-watch", "-o=wide"]);

    expect(wide).toMatch(/INIT-RAN +UNSEAL-RAN +JOIN-RAN +PLAN/);
  });

  it("reports a sealed member after its grace, and its end, each with one Event", async () => {
    await see(0, sealed);
    expect((await see(14, sealed)).problems).toEqual([]);
    const during = await see(15, sealed);
    await see(16, sealed);
    await see(26, sealed);
    const after = await see(27);

    expect(reasonsOf(during)).toEqual(["MemberSealed pod/vault-1"]);
    expect(during).toMatchObject({
      members: "2/3",
      sealed: 1,
      problems: [{ since: "2026-11-29T12:00:00Z" }],
      conditions: [{ status: "False", reason: "MemberSealed", message: "vault-1 is sealed" }],
    });
    expect(after).toMatchObject({ members: "3/3", problems: [], conditions: [{ status: "True" }] });
    const { uid } = (await kube.customObject(ref()))?.metadata ?? { uid: "" };
    expect((await events()).map(({ type, reason, regarding }) => [type, reason, regarding])).toEqual(
      expect.arrayContaining([
        ["Warning", "MemberSealed", expect.objectContaining({ kind: "VaultHealth", name: "vault", uid })],
        ["Normal", "Resolved", expect.objectContaining({ kind: "VaultHealth", name: "vault", uid })],
      ]),
    );
    expect(await events()).toHaveLength(2);
  });

  it("changes an annotation with the problems, so that Argo CD shows a second reason at once", async () => {
    const annotation = async () =>
      (await storedHealth(server)).metadata.annotations?.["vault-hooks.dev/problems-changed-at"];
    await see(0, sealed);
    await see(20, sealed);
    const first = await annotation();
    await see(30, sealed);
    const same = await annotation();
    const both = { ...sealed, keys: { kind: "missing" } as const };
    await see(40, both);
    const report = await see(45, both);

    expect(first).toBe("2026-11-29T12:00:20Z");
    expect(same).toBe(first);
    expect(reasonsOf(report)).toEqual(["KeysMissing secret/vault-unseal-keys", "MemberSealed pod/vault-1"]);
    expect(await annotation()).toBe("2026-11-29T12:00:45Z");
  });

  it("writes nothing while nothing changes, and renews its times once a minute", async () => {
    const version = async () => (await storedHealth(server)).metadata.resourceVersion;
    await see(0);
    const first = await version();
    for (const seconds of [1, 5, 10, 30, 54]) await see(seconds);
    const later = await version();
    const renewed = await see(60);

    expect(later).toBe(first);
    expect(renewed).toMatchObject({ observedAt: "2026-11-29T12:01:00Z", validUntil: "2026-11-29T12:04:00Z" });
  });

  it("shows a hook that gave up, beside what the hook itself wrote", async () => {
    await see(0);
    const init = { exitCode: 4, finishedAt: "2026-11-29T12:00:01Z", message: "the storage was lost" };
    const patch = JSON.stringify({ status: { hooks: { init } } });
    await server.kubectl([
      "patch",
      "vaulthealth",
      "vault",
      "-n",
      "vault-watch",
      "--subresource=status",
      "--type=merge",
      "-p",
      patch,
    ]);

    const report = await see(6);

    expect(report).toMatchObject({
      hooks: { init },
      problems: [{ reason: "Refused", object: "hook/init" }],
      conditions: [{ status: "False", message: "init ended with exit code 4: the storage was lost" }],
    });
  });

  it("goes on where an earlier watcher ended: the same time, no second Event", async () => {
    await see(0, sealed);
    await see(20, sealed);

    const report = await see(22, sealed, newObserver());

    expect(report.problems).toMatchObject([{ reason: "MemberSealed", since: "2026-11-29T12:00:00Z" }]);
    expect(await events()).toHaveLength(1);
  });

  it("counts the grace also while another replica acts, and writes nothing then", async () => {
    await see(0, { ...sealed, acting: false });
    const before = await storedHealth(server);

    const report = await see(20, sealed);

    expect(before.status).toBeUndefined();
    expect(reasonsOf(report)).toEqual(["MemberSealed pod/vault-1"]);
  });

  it("creates the object if it is gone, and Git can take it over", async () => {
    await see(0);
    await removeHealth(server);

    const created = await see(6);
    await createHealth(server);
    const taken = await see(12, sealed);

    expect(created).toMatchObject({ members: "3/3", observedAt: "2026-11-29T12:00:06Z" });
    expect(taken).toMatchObject({ members: "2/3" });
  });

  it("does not write every change of words", async () => {
    const silent = (words: string) => ({ members: members(pods.silent("vault-1", words)) });
    await see(0, silent("refused"));
    await see(60, silent("refused"));

    const soon = await see(66, silent("timed out"));
    const later = await see(72, silent("timed out"));

    expect(soon.problems).toMatchObject([{ message: "vault-1 does not answer: refused" }]);
    expect(later.problems).toMatchObject([{ message: "vault-1 does not answer: timed out" }]);
  });
});

it("without the kind VaultHealth, the watcher observes without an error", async () => {
  await server.kubectl(["delete", "crd", "vaulthealths.vault-hooks.dev"]);

  await expect(observer.observe(roundAt(0), deadlineIn(10_000))).resolves.toBeUndefined();
});

function ref() {
  return {
    group: "vault-hooks.dev",
    version: "v1alpha1",
    kind: "VaultHealth",
    plural: "vaulthealths",
    namespace: "vault-watch",
    name: "vault",
  };
}
