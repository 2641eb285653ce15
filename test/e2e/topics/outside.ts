import type { V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { kubectl } from "../../cluster/cluster.ts";
import { ctr } from "../../cluster/images.ts";
import { imageRef } from "../../image/build.ts";
import type { Api } from "../support/api.ts";
import { type Program, runImage, runSource } from "../support/programs.ts";
import { cuttingProxy } from "../support/proxy.ts";
import { installVault, podsRunning, removeVault, type SecondVault } from "../support/second-vault.ts";
import type { World } from "../support/world.ts";

/** The program outside the cluster, and under bad conditions, on Vaults that Argo CD does not manage. */
export function outside(world: () => World): void {
  describe("outside the cluster, with only a kubeconfig and a new Vault,", () => {
    let [two, three, stuck]: SecondVault[] = [];

    beforeAll(async () => {
      two = await installVault("vault-two", 3);
      three = await installVault("vault-three", 3);
      stuck = await installVault("vault-stuck", 1, ["server.image.tag=missing"]);
      await podsRunning(world().api, two, 3);
      await podsRunning(world().api, three, 3);
    });
    afterAll(async () => {
      for (const each of [two, three, stuck]) if (each) await removeVault(world().api, each);
    });

    test("the image in a container on the host's network brings Vault up and shows its status", async () => {
      await bringsUp(runImage, world(), two);
    });

    test("the program from source brings Vault up and shows its status", async () => {
      await bringsUp(runSource, world(), three);
    });

    test("a run succeeds although its connections to the API server are cut five times", async () => {
      const proxy = await cuttingProxy(world().cluster.kubeconfig, 6_000, 5);
      try {
        const { code, stderr } = await runSource(proxy.kubeconfig, ["bootstrap", ...flagsOf(three)]);

        expect(proxy.cuts()).toBe(5);
        expect(code, stderr).toBe(0);
      } finally {
        await proxy.close();
      }
    });

    test("a run reports the pod that never starts, with the reason, and exits with 3", async () => {
      const args = ["init", ...flagsOf(stuck), "--timeout", "8s"];
      const { code, stderr } = await runSource(world().cluster.kubeconfig, args);

      expect(code).toBe(3);
      expect(stderr).toMatch(/vault-stuck-0.*(ErrImagePull|ImagePullBackOff)/s);
    });

    test("a hook that gets SIGTERM reports the wait that it was in, and exits with 3 within ten seconds", async () => {
      const { api } = world();
      await runHookPod(world(), stuck);
      await until("the hook to wait for some seconds", deadlineIn(60_000), async () =>
        runningFor(await hookPod(api)) > 4_000 ? true : undefined,
      );

      const from = Date.now();
      await ctr(["tasks", "kill", "--signal", "SIGTERM", await containerOf(api)]);
      const ended = await until("the hook to end", deadlineIn(20_000), async () => terminated(await hookPod(api)));

      expect(Date.now() - from).toBeLessThan(10_000);
      expect(ended.exitCode).toBe(3);
      expect(await hookLog(api)).toMatch(/stopped while waiting for .*vault-stuck-0/);
    });
  });
}

function flagsOf(vault: SecondVault | undefined): readonly string[] {
  if (vault === undefined) throw new Error("this Vault was not installed");
  return vault.flags;
}

async function bringsUp(program: Program, { cluster }: World, vault: SecondVault | undefined): Promise<void> {
  const flags = flagsOf(vault);
  const first = await program(cluster.kubeconfig, ["bootstrap", ...flags]);
  const again = await program(cluster.kubeconfig, ["bootstrap", ...flags]);
  const status = await program(cluster.kubeconfig, ["status", ...flags, "--output", "table"]);

  console.log(status.stdout);
  expect(first.code, first.stderr).toBe(0);
  expect(again.code, again.stderr).toBe(0);
  expect(status.code, status.stderr).toBe(0);
  expect(status.stdout.match(new RegExp(`^${vault?.name}-[012]\\b`, "gm"))).toHaveLength(3);
}

const hookName = "stopped-hook";
const hookPath = `/api/v1/namespaces/vault-stuck/pods/${hookName}`;

/** Starts a pod of the image, as a hook would, that waits for a member that never starts. */
async function runHookPod({ api }: World, vault: SecondVault | undefined): Promise<void> {
  const namespace = vault?.name ?? "";
  const binding = { roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" } };
  const rights = [namespace, `${namespace}-custody`].map((where) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: hookName, namespace: where },
    ...binding,
    subjects: [{ kind: "ServiceAccount", name: "default", namespace }],
  }));
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: hookName, namespace },
    spec: {
      restartPolicy: "Never",
      containers: [{ name: "init", image: imageRef, args: ["unseal", ...flagsOf(vault), "--timeout", "10m"] }],
    },
  };
  for (const each of [...rights, pod]) await kubectl(["apply", "-f", "-"], { input: JSON.stringify(each) });
  await until(
    "the pod of the hook",
    deadlineIn(60_000),
    async () => (await hookPod(api))?.status?.containerStatuses?.[0],
  );
}

function hookPod(api: Api): Promise<V1Pod | undefined> {
  return api.find<V1Pod>(hookPath);
}

function hookLog(api: Api): Promise<string> {
  return api.text(`${hookPath}/log`);
}

async function containerOf(api: Api): Promise<string> {
  const id = (await hookPod(api))?.status?.containerStatuses?.[0]?.containerID ?? "";
  return id.replace("containerd://", "");
}

/** @returns milliseconds; 0 for a pod that does not run */
function runningFor(pod: V1Pod | undefined): number {
  const since = pod?.status?.containerStatuses?.[0]?.state?.running?.startedAt;
  return since === undefined ? 0 : Date.now() - new Date(since).getTime();
}

function terminated(pod: V1Pod | undefined) {
  return pod?.status?.containerStatuses?.[0]?.state?.terminated;
}
