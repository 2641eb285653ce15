import { randomBytes } from "node:crypto";
import type { V1Secret } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import type { Api } from "../support/api.ts";
import { type Application, application } from "../support/argo.ts";
import { allUnsealed, followRestart, killVault, members, type Restarted } from "../support/members.ts";
import type { Recorder } from "../support/recorder.ts";
import { readSample, withVault } from "../support/vault.ts";
import type { World } from "../support/world.ts";

const timeoutMs = 180_000;
const pods = "/api/v1/namespaces/vault/pods";
const title = "nobody types a command and nobody commits, and Vault is unsealed again";

/** Vault's pods restart, and nobody syncs and nobody commits. The watcher unseals them. */
export function restarts(world: () => World): void {
  test(`${title} after all three pods were deleted at once`, async () => {
    await expectUnsealed(world(), "all three deleted", members, remove);
  });
}

/** The same for a single pod, and for containers. */
export function moreRestarts(world: () => World): void {
  describe(title, () => {
    test.each(members)("after %s was deleted", async (name) => {
      await expectUnsealed(world(), `${name} deleted`, [name], remove);
    });

    test("after all three containers were killed at once", async () => {
      await expectUnsealed(world(), "all three killed", members, killVault);
    });
  });
}

async function remove(api: Api, name: string): Promise<void> {
  await api.remove(`${pods}/${name}`);
}

/** Restarts members, and waits until everything is as before. No sync of Vault's Application may run meanwhile. */
async function expectUnsealed(
  { api, recorder }: World,
  what: string,
  names: readonly string[],
  restart: (api: Api, name: string) => Promise<void>,
): Promise<void> {
  await allUnsealed(api);
  const before = (await application(api, "vault")).status?.operationState?.startedAt;
  const from = Date.now();

  const following = Promise.all(names.map((name) => followRestart(api, name, timeoutMs)));
  await Promise.all([following, ...names.map((name) => restart(api, name))]);
  const restarted = await following;
  const readAgain = await changedSecret(api);
  await allUnsealed(api);
  await until("vault-health to be Healthy", deadlineIn(timeoutMs), async () =>
    (await application(api, "vault-health")).status?.health?.status === "Healthy" ? true : undefined,
  );

  console.log(row(what, from, restarted, readAgain, redBetween(recorder, from, Date.now())));
  expect((await application(api, "vault")).status?.operationState?.startedAt).toBe(before);
}

/** Changes the sample's value in Vault. @returns when the operator had copied it, in milliseconds since 1970 */
async function changedSecret(api: Api): Promise<number> {
  const password = randomBytes(24).toString("hex");
  await withVault(api, async (vault) => {
    const { data } = (await readSample(vault)).data;
    await vault.write("kvv2/data/webapp/config", { data: { ...data, password } });
  });
  await until("the new value in Secret app/secretkv", deadlineIn(timeoutMs), async () => {
    const { data } = await api.get<V1Secret>("/api/v1/namespaces/app/secrets/secretkv");
    return Buffer.from(data?.["password"] ?? "", "base64").toString() === password ? true : undefined;
  });
  return Date.now();
}

type Red = { readonly from: number; readonly to: number };

/** When Application vault-health was not Healthy; undefined if it always was. */
function redBetween({ seen }: Recorder, from: number, to: number): Red | undefined {
  const events = seen.filter(
    ({ kind, at, object }) =>
      kind === "Application" && object.metadata.name === "vault-health" && at >= from && at <= to,
  );
  const isRed = events.map(({ object }) => (object as Application).status?.health?.status !== "Healthy");
  const first = events[isRed.indexOf(true)];
  return first && { from: first.at, to: events[isRed.lastIndexOf(true) + 1]?.at ?? to };
}

function row(
  what: string,
  from: number,
  restarted: readonly Restarted[],
  readAgain: number,
  red: Red | undefined,
): string {
  const slowest = (end: "unsealedAt" | "ledAt") => Math.max(...restarted.map((each) => each[end] - each.listeningAt));
  const listening = Math.max(...restarted.map(({ listeningAt }) => listeningAt));
  const signal = red ? `red after ${seconds(red.from - from)}, for ${seconds(red.to - red.from)}` : "never red";
  return [
    `${what}: listeners up after ${seconds(listening - from)};`,
    `from a listener to unsealed ${slowest("unsealedAt")} ms, to a leader ${slowest("ledAt")} ms;`,
    `a value changed after that is in the Secret after ${seconds(readAgain - from)}; ${signal}`,
  ].join(" ");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
