import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { projectDir } from "../../cluster/paths.ts";
import { binaries } from "../../helpers/binaries.ts";
import { createFakeStatefulSet, type FakeStatefulSet } from "../../helpers/fake-statefulset.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { launch, type ServerProcess } from "../../helpers/server-process.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

/** A real API server decides on evictions, by what the real disruption controller writes into the budget. */
let kube: KubeServer;
let controller: ServerProcess;
let pods: FakeStatefulSet;
let budget: string;

beforeAll(async () => {
  kube = await startKube();
  pods = await createFakeStatefulSet(kube);
  budget = await readFile(join(projectDir, "hooks/base/disruption-budget.yaml"), "utf8");
  controller = launch({
    name: "kube-controller-manager",
    command: (await binaries("kube-controller-manager"))["kube-controller-manager"],
    args: [
      `--kubeconfig=${kube.kubeconfig}`,
      "--controllers=disruption-controller",
      "--leader-elect=false",
      "--secure-port=0",
    ],
    logFile: join(await tempDir("controller-manager"), "log"),
  });
});
afterAll(async () => {
  await controller.end();
  await kube.close();
});

beforeEach(async () => {
  await kube.kubectl(["-n", "vault", "delete", "poddisruptionbudgets", "--all"]);
  await pods.scale(3);
  for (const i of [0, 1, 2]) {
    await pods.addPod(i);
    await label(i, { "vault-initialized": "true", "vault-sealed": "false", "vault-active": String(i === 0) });
  }
  await kube.apply(budget);
  await untilHealthy(3);
});

/** Sets labels as Vault does. */
async function label(i: number, labels: Readonly<Record<string, string>>): Promise<void> {
  const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  await kube.kubectl(["-n", "vault", "label", "--overwrite", "pod", `vault-${i}`, ...words]);
}

/** Sets the condition Ready as the kubelet does. */
async function ready(i: number, isReady: boolean): Promise<void> {
  const status = isReady ? "True" : "False";
  await pods.setPodStatus(i, { phase: "Running", conditions: [{ type: "Ready", status }] });
}

/** Restarts a member's container: the kubelet notices its death, Vault labels the pod as it starts, and the probe succeeds. */
async function restart(i: number): Promise<void> {
  await ready(i, false);
  await label(i, { "vault-sealed": "true", "vault-active": "false" });
  await ready(i, true);
}

let changes = 0;

/** Changes another label: the controller looks at a budget again only when a pod that it selects has changed. */
async function touch(i: number): Promise<void> {
  await label(i, { "test-change": String(changes++) });
}

type Budget = { status?: { currentHealthy?: number; disruptionsAllowed?: number; observedGeneration?: number } };

/** Waits until the controller counts this many healthy members. */
async function untilHealthy(count: number): Promise<void> {
  let last: Budget = {};
  await until(
    `${count} healthy members`,
    deadlineIn(20_000),
    async () => {
      last = JSON.parse(await kube.kubectl(["-n", "vault", "get", "pdb", "vault", "-o=json"]));
      return last.status?.currentHealthy === count ? true : undefined;
    },
    () => JSON.stringify(last.status),
  );
}

/** Asks for an eviction as a dry run. @returns "allowed", or the reason of the API server */
async function evict(i: number): Promise<string> {
  const name = `vault-${i}`;
  const eviction = { metadata: { name, namespace: "vault" }, deleteOptions: { dryRun: ["All"] } };
  try {
    await kube.core.createNamespacedPodEviction({ namespace: "vault", name, body: eviction });
    return "allowed";
  } catch (error) {
    const { code, body } = error as { code: number; body: string };
    return `${code} ${(JSON.parse(body) as { message: string }).message}`;
  }
}

const refused = "429 Cannot evict pod as it would violate the pod's disruption budget.";

describe("the eviction of a member", () => {
  it("is allowed while all others are unsealed", async () => {
    expect(await Promise.all([evict(0), evict(1), evict(2)])).toEqual(["allowed", "allowed", "allowed"]);
  });

  it("is refused while another member is sealed after a restart; the sealed one may be evicted", async () => {
    await restart(2);
    await untilHealthy(2);

    expect(await Promise.all([evict(0), evict(1), evict(2)])).toEqual([refused, refused, "allowed"]);
  });

  it("is allowed again once the sealed member is unsealed", async () => {
    await restart(2);
    await untilHealthy(2);
    await label(2, { "vault-sealed": "false" });
    await untilHealthy(3);

    expect(await evict(1)).toBe("allowed");
  });

  it("is refused while a member is dead, whose label still says that it is unsealed; the dead one may be evicted", async () => {
    await ready(2, false);
    await untilHealthy(2);

    expect(await Promise.all([evict(0), evict(2)])).toEqual([refused, "allowed"]);
  });

  it("is refused while another pod is gone, and while its successor is not labelled yet", async () => {
    await pods.removePod(2);
    await untilHealthy(2);
    const gone = await evict(1);
    await pods.addPod(2);

    expect([gone, await evict(1)]).toEqual([refused, refused]);
  });

  it("is refused after the leader was sealed by a request, once another member is active", async () => {
    await label(0, { "vault-active": "false" });
    await label(0, { "vault-sealed": "true" });
    await label(1, { "vault-active": "true" });
    await untilHealthy(2);

    expect(await Promise.all([evict(0), evict(1), evict(2)])).toEqual(["allowed", refused, refused]);
  });

  it("is refused after a follower sealed itself, from the next change of another member's pod on", async () => {
    await label(2, { "vault-sealed": "true" });
    await touch(1); // the controller ignores a pod that leaves the selector
    await untilHealthy(2);

    expect(await Promise.all([evict(0), evict(2)])).toEqual([refused, "allowed"]);
  });

  it("is refused while two of three members are sealed", async () => {
    await restart(1);
    await restart(2);
    await untilHealthy(1);

    expect(await Promise.all([evict(0), evict(1), evict(2)])).toEqual([refused, "allowed", "allowed"]);
  });

  it("is refused while new members have not joined yet", async () => {
    await pods.scale(5);
    await pods.addPod(3);
    await pods.addPod(4);
    await until("five expected members", deadlineIn(20_000), async () => {
      await touch(1); // the controller does not look again when the StatefulSet's scale changes
      const found = JSON.parse(await kube.kubectl(["-n", "vault", "get", "pdb", "vault", "-o=json"]));
      return found.status?.expectedPods === 5 ? true : undefined;
    });

    const answers = await Promise.all([evict(0), evict(3)]);
    for (const i of [3, 4]) await pods.removePod(i);
    expect(answers).toEqual([refused, "allowed"]);
  });
});

describe("without this budget,", () => {
  const selector = { "app.kubernetes.io/name": "vault", "app.kubernetes.io/instance": "vault", component: "server" };
  const charts = JSON.stringify({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "vault", namespace: "vault" },
    spec: { maxUnavailable: 1, selector: { matchLabels: selector } },
  });

  it("the chart's allows the eviction of a second member while one is sealed", async () => {
    await kube.kubectl(["-n", "vault", "delete", "pdb", "vault"]);
    await kube.apply(charts);
    await restart(2);
    await untilHealthy(3);

    expect(await evict(1)).toBe("allowed");
  });

  it("and with both, no eviction is possible at all", async () => {
    await kube.apply(charts.replace('"name":"vault",', '"name":"vault-of-the-chart",'));

    expect(await evict(1)).toMatch(/^500 This pod has more than one PodDisruptionBudget/);
  });
});
