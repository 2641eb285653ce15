import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import type { Api } from "../support/api.ts";
import { application, converged, rootDegraded, rootHealth } from "../support/argo.ts";
import { commit, type Edit, undo } from "../support/edit.ts";
import { hookLogs, type World } from "../support/world.ts";

const timeoutMs = 300_000;
const rightToRead = "resources: [statefulsets]\n    verbs: [get]\n";

/** Commits that break something, each followed by one that repairs it, with no command in between. */
export function brokenCommits(world: () => World): void {
  describe("the next commit repairs", () => {
    test("values that do not render", async () => {
      const edits = [
        {
          file: "apps/vault-secrets-operator.yaml",
          from: "        defaultVaultConnection:\n          enabled: true\n",
          to: "        defaultVaultConnection: 1\n        other:\n          enabled: true\n",
        },
      ];

      expect(await breakAndRepair(world().api, "values that do not render", edits)).toBe("Healthy");
    });

    test("a chart version that does not exist", async () => {
      const edits = [
        {
          file: "apps/root.yaml",
          from: "vault-hooks.dev/vault-chart-version: 0.34.1",
          to: "vault-hooks.dev/vault-chart-version: 0.34.999",
        },
      ];

      expect(await breakAndRepair(world().api, "a chart version that does not exist", edits)).toBe("Healthy");
    });

    test("a hook that lacks a right and stays failed through an unrelated commit", async () => {
      const { api } = world();
      const edits = [
        { file: "hooks/base/unseal/rbac.yaml", from: rightToRead, to: rightToRead.replace("get", "watch") },
      ];
      const unrelated = [
        { file: "apps/guestbook/deployment.yaml", from: "revisionHistoryLimit: 3", to: "revisionHistoryLimit: 2" },
      ];

      await commit(api, "Break: a hook lacks a right", edits);
      await rootDegraded(api, timeoutMs);
      const other = await commit(api, "Something else", unrelated);
      await sawCommit(api, other);
      const after = await healthsDuring(api, 20_000);
      await repairs(api, "a hook lacks a right", edits);

      expect(failuresOf(world(), "vault-unseal")).toContain("PodFailurePolicy"); // exit 5: no pod is tried again
      expect(hookLogs(world(), "vault-unseal")).toMatch(
        /get StatefulSet vault in namespace vault: Kubernetes denied it/,
      );
      expect(after).not.toContain("Healthy");
    });
  });
}

/** Such a commit that takes minutes to repair, because pods wait for its image. */
export function brokenImage(world: () => World): void {
  describe("the next commit repairs", () => {
    test("a Vault image that does not exist, and no running member is replaced", async () => {
      const { api } = world();
      const edits = [{ file: "apps/vault.yaml", from: "tag: 1.21.1", to: "tag: 1.21.1-missing" }];
      const before = await memberUids(api);

      const broken = await commit(api, "Break: a Vault image that does not exist", edits);
      await converged(api, broken, timeoutMs); // OnDelete: only a member whose pod is deleted gets the new image
      const during = await memberUids(api);
      await repairs(api, "a Vault image that does not exist", edits);

      expect(before).toHaveLength(3);
      expect(during).toEqual(before);
      expect(await memberUids(api)).toEqual(before);
    });
  });
}

/** @returns the root's health after the repair; in between it was Degraded */
async function breakAndRepair(api: Api, what: string, edits: readonly Edit[]): Promise<string> {
  await commit(api, `Break: ${what}`, edits);
  await rootDegraded(api, timeoutMs);
  await repairs(api, what, edits);
  return await rootHealth(api);
}

async function repairs(api: Api, what: string, edits: readonly Edit[]): Promise<void> {
  const from = Date.now();
  const repairing = await commit(api, `Repair: ${what}`, undo(edits));
  await converged(api, repairing, timeoutMs);
  console.log(`${what}: healed ${((Date.now() - from) / 1000).toFixed(0)} s after the repairing commit`);
}

/** @returns the names and uids of Vault's pods */
async function memberUids(api: Api): Promise<string[]> {
  const pods = await api.list<V1Pod>("/api/v1/namespaces/vault/pods?labelSelector=component%3Dserver");
  return pods.map(({ metadata }) => `${metadata?.name} ${metadata?.uid}`).sort();
}

/** @returns the reason of each final failure of a hook's Job */
function failuresOf({ recorder }: World, name: string): string[] {
  return recorder.seen.flatMap(({ kind, object }) => {
    if (kind !== "Job" || object.metadata.name !== name) return [];
    const conditions = (object as unknown as V1Job).status?.conditions ?? [];
    return conditions.filter(({ type }) => type === "Failed").map(({ reason }) => reason ?? "");
  });
}

/** Waits until Argo CD has compared Vault's Application with that commit. */
async function sawCommit(api: Api, made: string): Promise<void> {
  await until("Argo CD to see the commit", deadlineIn(timeoutMs), async () => {
    const { status } = await application(api, "vault");
    return status?.sync?.revisions?.at(-1) === made ? true : undefined;
  });
}

/** @returns every health of the root during a time, in milliseconds */
async function healthsDuring(api: Api, ms: number): Promise<string[]> {
  const seen = new Set<string>();
  const end = Date.now() + ms;
  await until("the end of the observation", deadlineIn(ms + 10_000), async () => {
    seen.add(await rootHealth(api));
    return Date.now() > end ? true : undefined;
  });
  return [...seen];
}
