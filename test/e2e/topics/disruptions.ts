import { describe, expect, test } from "vitest";
import { deadlineIn, left, until } from "../../../src/util/deadline.ts";
import type { Api } from "../support/api.ts";
import { type Drained, drain, evict, vaultPod } from "../support/evict.ts";
import { allUnsealed, chooseStandby, killVault, labelOf, members, whileNobodyUnseals } from "../support/members.ts";
import type { Recorder } from "../support/recorder.ts";
import { isReady } from "../support/timeline.ts";
import { type Done, startTraffic } from "../support/traffic.ts";
import { withToken } from "../support/vault.ts";
import type { World } from "../support/world.ts";

/** A new leader is elected within seconds; the rest is a busy machine. In milliseconds. */
const longestGap = 15_000;
/** How long the kubelet may take to notice that a container has ended. In milliseconds. */
const noticedWithin = 3_000;

/** Voluntary disruptions: evictions, as `kubectl drain` makes them. Sealed members are unsealed by the watcher. */
export function disruptions(world: () => World): void {
  describe("when pods are evicted,", () => {
    test("one after another, as soon as the budget allows each, no acknowledged write is lost", async () => {
      const { api, recorder } = world();
      await allUnsealed(api);

      const { drained, end, done } = await withToken(api, async (token) => {
        const traffic = startTraffic(api, token);
        const evicted: Drained[] = [];
        for (const pod of members) evicted.push(await drain(api, pod));
        await allUnsealed(api);
        return { drained: evicted, end: Date.now(), done: await traffic.stop() };
      });

      const rows = drained.map((each, i) => rowOf(each, drained[i + 1]?.at ?? end, done, recorder));
      const lost = done.acknowledged.filter((n) => !done.stored.has(n));
      console.log(table(rows, done, lost));
      expect(done.acknowledged.length).toBeGreaterThan(100);
      expect(lost).toEqual([]);
      expect(done.misread).toEqual([]);
      expect(Math.max(...rows.flatMap(({ writeGap, readGap }) => [writeGap, readGap]))).toBeLessThan(longestGap);
    });

    test("none is while another member is sealed: 429 for each unsealed one; the sealed one may go", async () => {
      const { api } = world();
      const { sealed, others } = await chooseStandby(api);
      const before = await Promise.all(others.map((pod) => evict(api, pod, true)));

      const during = await whileNobodyUnseals(async () => {
        const uid = (await vaultPod(api, sealed))?.metadata?.uid;
        await api.remove(`/api/v1/namespaces/vault/pods/${sealed}`);
        await sealedAndReady(api, sealed, uid);
        return {
          others: await Promise.all(others.map((pod) => evict(api, pod, true))),
          sealed: await evict(api, sealed, true),
        };
      });

      expect(before).toEqual([201, 201]);
      expect(during).toEqual({ others: [429, 429], sealed: 201 });
      await allUnsealed(api);
      await evictable(api, others);
    });

    test("none is from the moment that the kubelet notices the death of a member until it is unsealed again", async () => {
      const { api } = world();
      const { sealed, others } = await chooseStandby(api);
      const [other = ""] = others;

      const { allowed, asked, labelled } = await whileNobodyUnseals(async () => {
        const uid = (await vaultPod(api, sealed))?.metadata?.uid;
        const from = Date.now();
        await killVault(api, sealed);
        const answers = await askFor(10_000, async () => (await evict(api, other, true)) === 201, from);
        await sealedAndReady(api, sealed, undefined);
        return { ...answers, labelled: (await vaultPod(api, sealed))?.metadata?.uid === uid };
      });

      console.log(
        `a member killed: ${asked} evictions asked for, the last one allowed after ${allowed.at(-1) ?? 0} ms`,
      );
      expect(labelled).toBe(true); // the same pod, whose label still said "unsealed" when its Vault was killed
      expect(asked).toBeGreaterThan(20);
      expect(allowed.at(-1) ?? 0).toBeLessThan(noticedWithin);
      await allUnsealed(api);
      await evictable(api, others);
    });
  });
}

/** @param before the UID of a pod that must be gone */
async function sealedAndReady(api: Api, name: string, before: string | undefined): Promise<void> {
  await until(`${name} to be sealed and Ready`, deadlineIn(60_000), async () => {
    const pod = await vaultPod(api, name);
    const is = pod && pod.metadata?.uid !== before && labelOf(pod, "vault-sealed") === "true" && isReady(pod);
    return is ? true : undefined;
  });
}

/** The disruption controller needs a moment after a member was unsealed. */
async function evictable(api: Api, pods: readonly string[]): Promise<void> {
  await until("the budget to allow an eviction again", deadlineIn(30_000), async () => {
    const answers = await Promise.all(pods.map((pod) => evict(api, pod, true)));
    return answers.every((status) => status === 201) ? true : undefined;
  });
}

/** Asks again and again for a while. @returns how often, and when the answer was yes, in milliseconds since `from` */
async function askFor(timeoutMs: number, ask: () => Promise<boolean>, from: number) {
  const deadline = deadlineIn(timeoutMs);
  const allowed: number[] = [];
  let asked = 0;
  while (left(deadline) > 0) {
    const at = Date.now() - from;
    if (await ask()) allowed.push(at);
    asked++;
  }
  return { allowed, asked };
}

type Row = {
  readonly pod: string;
  readonly role: string;
  readonly refused: number;
  readonly writeGap: number;
  readonly readGap: number;
  readonly unsealedAfter: number | undefined;
};

/** @param to when the next eviction was accepted */
function rowOf({ pod, wasActive, refused, at, uid }: Drained, to: number, done: Done, { seen }: Recorder): Row {
  const unsealed = seen.find(({ kind, at: seenAt, object: { metadata } }) => {
    const isNext = kind === "Pod" && metadata.namespace === "vault" && metadata.name === pod && metadata.uid !== uid;
    return isNext && seenAt > at && metadata.labels?.["vault-sealed"] === "false";
  });
  return {
    pod,
    role: wasActive ? "leader" : "standby",
    refused,
    writeGap: done.longestGap("write", at, to),
    readGap: done.longestGap("read", at, to),
    unsealedAfter: unsealed && unsealed.at - at,
  };
}

function table(rows: readonly Row[], done: Done, lost: readonly number[]): string {
  const lines = rows.map(({ pod, role, refused, writeGap, readGap, unsealedAfter }) =>
    [
      `  ${pod}  ${role.padEnd(7)}`,
      `longest gap: writes ${String(writeGap).padStart(5)} ms, reads ${String(readGap).padStart(5)} ms;`,
      `refused ${refused} times before; unsealed again after ${unsealedAfter ?? "?"} ms`,
    ].join("  "),
  );
  const { acknowledged, failed } = done;
  const total = `${acknowledged.length} writes acknowledged, ${lost.length} lost; ${failed.write} writes and ${failed.read} reads failed`;
  return ["evictions, one after another:", ...lines, `  ${total}`].join("\n");
}
