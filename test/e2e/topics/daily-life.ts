import { randomBytes } from "node:crypto";
import type { V1Deployment, V1Pod, V1Secret } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { ctr } from "../../cluster/images.ts";
import { imageRef } from "../../image/build.ts";
import type { Api } from "../support/api.ts";
import { converged, resync } from "../support/argo.ts";
import { type AuditEntry, accountOf, readAudit, writesOf } from "../support/audit.ts";
import { commit } from "../support/edit.ts";
import { hookNames, isReady } from "../support/timeline.ts";
import { readSample, withVault } from "../support/vault.ts";
import { hookJobs, hooksFinished, ranSince, type World } from "../support/world.ts";

const refreshAfter = 30_000; // milliseconds, as apps/demo sets it
const secretPath = "/api/v1/namespaces/app/secrets/secretkv";
const deploymentPath = "/apis/apps/v1/namespaces/app/deployments/demo";

/** The writes to Vault of a hook that has nothing to do. */
const mayWrite = ["update auth/vault-hooks/login", "update sys/capabilities-self", "update auth/token/revoke-self"];

/** Everyday events: values change, syncs run, images are upgraded. */
export function dailyLife(world: () => World): void {
  describe("in daily life,", () => {
    test("a changed value in Vault reaches the Secret 10 s after its interval at the latest, and restarts the Deployment", async () => {
      const { api } = world();
      const password = randomBytes(24).toString("hex");
      const before = await api.get<V1Deployment>(deploymentPath);

      await withVault(api, async (vault) => {
        const { data } = (await readSample(vault)).data;
        await vault.write("kvv2/data/webapp/config", { data: { ...data, password } });
      });
      const seconds = await timeOf(() => secretHolds(api, password));
      const pod = await newPod(api, before);

      console.log(`value changed in Vault: in the Secret after ${(seconds / 1000).toFixed(1)} s, new pod ${pod}`);
      expect(seconds).toBeLessThan(refreshAfter + 10_000);
      const after = await api.get<V1Deployment>(deploymentPath);
      expect(after.metadata?.generation).toBeGreaterThan(before.metadata?.generation ?? 0);
    });

    test("a full sync without a change runs all four hooks and writes nothing", async () => {
      const { api } = world();
      const custody = await custodyRevisions(api);
      const version = await withVault(api, async (vault) => {
        await vault.write("kvv2/data/e2e/known-write", { data: { seen: "yes" } });
        return (await readSample(vault)).data.metadata.version;
      });
      const known = await until("the known write in the audit log", deadlineIn(20_000), async () =>
        (await readAudit(api)).find(({ request }) => request.path === "kvv2/data/e2e/known-write"),
      );
      // after this logout, nothing in the log comes from the test itself
      const logout = await until("its logout in the audit log", deadlineIn(20_000), async () =>
        (await readAudit(api)).find(
          (entry) => entry.time > known.time && entry.request.path === "auth/token/revoke-self",
        ),
      );
      const before = await hookJobs(api);

      await resync(api, "vault");
      await hooksFinished(api, before);

      const after = (await readAudit(api)).filter(({ time }) => time > logout.time);
      expect(writesOf([known])).toHaveLength(1);
      const own = describeAll(writesOf(after).filter(isHooks));
      expect(own).toContain("update auth/vault-hooks/login");
      expect(own.filter((each) => !mayWrite.includes(each))).toEqual([]);
      expect(describeAll(writesOf(after).filter((entry) => !isHooks(entry) && !isOperators(entry)))).toEqual([]);
      expect(await withVault(api, async (vault) => (await readSample(vault)).data.metadata.version)).toBe(version);
      expect(await custodyRevisions(api)).toEqual(custody);
    });

    test("a commit that changes only the image runs all four hooks again", async () => {
      const { api } = world();
      const tag = "v0.1.0-e2e";
      const registry = "    newName: ghcr.io/vault-hooks/vault-hooks\n";
      await ctr(["images", "tag", "--force", imageRef, imageRef.replace(/:[^:]*$/, `:${tag}`)]);
      const before = await hookJobs(api);

      const made = await commit(api, "Take the next image", [
        { file: "hooks/image/kustomization.yaml", from: registry, to: `${registry}    newTag: ${tag}\n` },
      ]);
      await converged(api, made, 180_000);

      const after = await hookJobs(api);
      expect(ranSince(before, after)).toEqual([...hookNames]);
      const images = hookNames.map((name) => after[name]?.spec?.template.spec?.containers[0]?.image);
      expect(new Set(images)).toEqual(new Set([imageRef.replace(/:[^:]*$/, `:${tag}`)]));
    });
  });
}

async function timeOf(act: () => Promise<unknown>): Promise<number> {
  const from = Date.now();
  await act();
  return Date.now() - from;
}

async function secretHolds(api: Api, password: string): Promise<void> {
  await until("the new value in the Secret", deadlineIn(refreshAfter * 3), async () => {
    const { data } = await api.get<V1Secret>(secretPath);
    return Buffer.from(data?.["password"] ?? "", "base64").toString() === password ? true : undefined;
  });
}

/** Waits for a Ready pod of the changed template. */
async function newPod(api: Api, before: V1Deployment): Promise<string> {
  const old = await podNames(api);
  return await until("a new pod of the Deployment", deadlineIn(60_000), async () => {
    const { spec } = await api.get<V1Deployment>(deploymentPath);
    if (JSON.stringify(spec?.template) === JSON.stringify(before.spec?.template)) return undefined;
    const pods = await api.list<V1Pod>("/api/v1/namespaces/app/pods");
    return pods.find((pod) => isReady(pod) && isYounger(pod, old, before))?.metadata?.name;
  });
}

async function podNames(api: Api): Promise<ReadonlySet<string>> {
  const pods = await api.list<V1Pod>("/api/v1/namespaces/app/pods");
  return new Set(pods.map(({ metadata }) => metadata?.name ?? ""));
}

/** A pod that was there before may still be a new one, if the restart had already begun. Then its annotation differs. */
function isYounger(pod: V1Pod, old: ReadonlySet<string>, { spec }: V1Deployment): boolean {
  const key = "vso.secrets.hashicorp.com/restartedAt";
  const restarted = pod.metadata?.annotations?.[key];
  const before = spec?.template.metadata?.annotations?.[key];
  return !old.has(pod.metadata?.name ?? "") || restarted !== before;
}

/** @returns the revisions of all Secrets and ConfigMaps in custody; not of the Lease, which every run takes */
async function custodyRevisions(api: Api): Promise<Record<string, string>> {
  const base = "/api/v1/namespaces/vault-custody";
  const objects = [...(await api.list(`${base}/secrets`)), ...(await api.list(`${base}/configmaps`))];
  return Object.fromEntries(objects.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
}

function isHooks(entry: AuditEntry): boolean {
  const accounts = ["vault-hooks-configure", "vault-hooks-plan"];
  return accounts.includes(accountOf(entry)) || entry.request.path === "auth/vault-hooks/login";
}

/** The operator logs in, encrypts its cache and renews its tokens on its own schedule. */
function isOperators(entry: AuditEntry): boolean {
  const accounts = ["vault-secrets-operator-controller-manager", "default"];
  return accounts.includes(accountOf(entry)) || entry.request.path === "auth/demo-auth-mount/login";
}

function describeAll(entries: readonly AuditEntry[]): string[] {
  return [...new Set(entries.map(({ request }) => `${request.operation} ${request.path}`))].sort();
}
