import type { V1ConfigMap, V1Job, V1Namespace, V1Secret } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import type { Api } from "../support/api.ts";
import { type Application, application, converged, rootDegraded } from "../support/argo.ts";
import { commit } from "../support/edit.ts";
import type { Seen } from "../support/recorder.ts";
import {
  created as firstEvent,
  hookEnd,
  hookNames,
  type Milestone,
  type Moment,
  timelineTable,
} from "../support/timeline.ts";
import { readSample, withVault } from "../support/vault.ts";
import { hookJobs, ranSince, type World } from "../support/world.ts";

const timeoutMs = 600_000;
/** Longer than the first pauses between requests. */
const quietMs = 60_000;
const namespacePath = "/api/v1/namespaces/vault";
const config = "hooks/config/audit.yaml";
const endOfConfig = "file_path: stdout\n";

/** Vault's namespace is deleted with its volumes. Nobody types another command, and nobody syncs. */
export function namespaceDeleted(world: () => World): void {
  describe("after `kubectl delete namespace vault`,", () => {
    let declared = "";

    test("everything comes back by itself, if Git accepts the loss of the volumes", async () => {
      const { api, recorder } = world();
      declared = acceptDataLoss(await fingerprint(api));
      const accepted = await commit(api, "Accept the loss of the volumes", [
        { file: config, from: endOfConfig, to: `${endOfConfig}recovery:\n  ${declared}\n` },
      ]);
      await converged(api, accepted, timeoutMs);
      const before = await hookJobs(api);
      const first = recorder.seen.length;

      const from = await deleteNamespace(api);
      await until("the four hooks to have succeeded", deadlineIn(timeoutMs), async () =>
        ranSince(before, await hookJobs(api)).length === hookNames.length ? true : undefined,
      );
      await converged(api, accepted, timeoutMs);
      const healthy = Date.now();
      await secretIsCurrent(api);

      const table = [
        ...milestones(recorder.seen.slice(first), from),
        { what: "all Applications Healthy", moment: at(healthy) },
      ];
      table.push({ what: "Secret app/secretkv current", moment: at(Date.now()) });
      console.log(timelineTable("namespace vault deleted (in place of the root)", from, table));
      const { status } = await application(api, "vault");
      expect(status?.history?.at(-1)?.initiatedBy).toEqual({ username: "vault-hooks", automated: true });
    });

    test("init refuses without such a commit, no sync is repeated, and the commit repairs it", async () => {
      const { api } = world();
      const next = acceptDataLoss(await fingerprint(api));

      const from = await deleteNamespace(api);
      await until("init to have refused", deadlineIn(timeoutMs), async () =>
        refusedSince((await hookJobs(api))["vault-init"], from) ? true : undefined,
      );
      await rootDegraded(api, timeoutMs);
      const refused = (await application(api, "vault")).status?.operationState;
      const started = await operationsDuring(api, quietMs);
      const repairing = await commit(api, "Accept the next loss of the volumes", [
        { file: config, from: declared, to: next },
      ]);
      await converged(api, repairing, timeoutMs);
      await secretIsCurrent(api);

      expect(refused?.operation?.initiatedBy?.username).toBe("vault-hooks");
      expect(started).toEqual([refused?.startedAt]);
    });
  });
}

function acceptDataLoss(fingerprint: string): string {
  return `acceptDataLoss: "${fingerprint}"`;
}

/** @returns the fingerprint of the keys in custody */
async function fingerprint(api: Api): Promise<string> {
  const path = "/api/v1/namespaces/vault-custody/configmaps/vault-init-record";
  return (await api.get<V1ConfigMap>(path)).data?.["fingerprint"] ?? "";
}

/** Deletes Vault's namespace and waits until there is a new one. @returns when it was deleted */
async function deleteNamespace(api: Api): Promise<number> {
  const old = await api.get<V1Namespace>(namespacePath);
  const from = Date.now();
  await api.remove(namespacePath);
  await until("a new namespace vault", deadlineIn(timeoutMs), async () => {
    const found = await api.find<V1Namespace>(namespacePath);
    return found !== undefined && found.metadata?.uid !== old.metadata?.uid ? true : undefined;
  });
  return from;
}

/** Waits until the operator has copied the new value from the new Vault. */
async function secretIsCurrent(api: Api): Promise<void> {
  const { password } = await withVault(api, async (vault) => (await readSample(vault)).data.data);
  await until("the new value in Secret app/secretkv", deadlineIn(timeoutMs), async () => {
    const { data } = await api.get<V1Secret>("/api/v1/namespaces/app/secrets/secretkv");
    return Buffer.from(data?.["password"] ?? "", "base64").toString() === password ? true : undefined;
  });
}

function refusedSince(job: V1Job | undefined, from: number): boolean {
  const refused = job?.status?.conditions?.some(({ reason }) => reason === "PodFailurePolicy") === true;
  return refused && new Date(job?.metadata?.creationTimestamp ?? 0).getTime() > from;
}

/** @returns when each operation of Vault's Application began that was seen during a time, in milliseconds */
async function operationsDuring(api: Api, ms: number): Promise<string[]> {
  const seen = new Set<string>();
  const end = Date.now() + ms;
  await until("the end of the observation", deadlineIn(ms + 10_000), async () => {
    const { operationState } = (await application(api, "vault")).status ?? {};
    seen.add(operationState?.startedAt ?? "none");
    return Date.now() > end ? true : undefined;
  });
  return [...seen];
}

/** @param from when the namespace was deleted; older objects are not meant. Creation times have whole seconds */
function milestones(seen: readonly Seen[], from: number): Milestone[] {
  const created = seen.filter(
    ({ object }) => Date.parse(object.metadata.creationTimestamp) >= Math.floor(from / 1000) * 1000,
  );
  const vault = seen.filter(({ kind, object }) => kind === "Application" && object.metadata.name === "vault");
  const state = ({ object }: Seen) => (object as Application).status?.operationState;
  const all: [string, Moment | undefined][] = [
    [
      "namespace gone",
      seen.find(({ kind, type, object }) => kind === "Namespace" && type === "DELETED" && isVault(object)),
    ],
    ["namespace there again", firstEvent(created, "Namespace", undefined, "vault")],
    ["operation ended", vault.find((each) => state(each)?.phase === "Terminating")],
    ["sync requested", vault.find((each) => state(each)?.operation?.initiatedBy?.username === "vault-hooks")],
    ...hookNames.map((name): [string, Moment | undefined] => [`${name} ends`, hookEnd(created, name)]),
  ];
  return all.flatMap(([what, moment]) => (moment === undefined ? [] : [{ what, moment }]));
}

function isVault({ metadata }: Seen["object"]): boolean {
  return metadata.name === "vault";
}

function at(time: number): Moment {
  return { at: time, revision: 0 };
}
