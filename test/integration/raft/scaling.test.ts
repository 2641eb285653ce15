import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectCode, failure } from "../bring-up/fixture.ts";
import { type ScalingFixture, startScalingFixture } from "./fixture.ts";

const declared = "recovery: { removePeers: [vault-3, vault-4] }";
const both = ["vault-3", "vault-4"];

/** What a run of configure printed about peers, in its second line. */
function outcomeOf(stdout: string): { removed: { path: string }[]; failed: { path: string; error: string }[] } {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "").applied;
}

/** What plan or configure planned for peers. */
function planOf(stdout: string): {
  removals: { path: string }[];
  troubles: { path: string; error: string; exitCode: number }[];
} {
  return JSON.parse(stdout.split("\n")[0] ?? "").plan;
}

const removing = (names: readonly string[]) => names.map((path) => ({ kind: "Raft peer", path }));

/** The story of one Vault, in a fixed order: each test starts from the state that the one before it left. */
describe.each(["vault", "bao"] as const)("a StatefulSet of %s, scaled", (kind) => {
  let fixture: ScalingFixture;

  beforeAll(async () => {
    fixture = await startScalingFixture(kind);
    expectCode(await fixture.run("bootstrap", "{}"), 0);
    await fixture.voters(3);
  });
  afterAll(() => fixture.close());

  it("from three to none and back to three, has no dead peer", async () => {
    await fixture.scale(0);
    const none = await fixture.status();
    await fixture.scale(3);
    expectCode(await fixture.run("unseal"), 0);
    await fixture.voters(3);

    expect(none).toMatchObject({ pods: [], deadPeers: null });
    // on a loaded machine, the members may elect a leader once more
    const status = () => fixture.status();
    await expect.poll(status, { timeout: 60_000, interval: 1000 }).toMatchObject({ healthy: true, deadPeers: [] });
  });

  it("from three to five, keeps a peer that Git declares too early: plan and configure refuse it with exit 4", async () => {
    await fixture.scale(5);
    expectCode(await fixture.run("join"), 0);
    await fixture.voters(5);

    const plan = await fixture.run("plan", declared);
    const configure = await fixture.run("configure", declared);

    expectCode(plan, 4);
    expectCode(configure, 4);
    for (const { stdout } of [plan, configure]) {
      const { removals, troubles } = planOf(stdout);
      expect(removals).toEqual([]);
      expect(troubles.map(({ path, exitCode }) => [path, exitCode])).toEqual(both.map((name) => [name, 4]));
      expect(troubles[0]?.error).toContain("it is one of the 5 members of StatefulSet vault/vault");
    }
    await fixture.voters(5);
  });

  it("from five to three, keeps its dead peers until Git declares them: status, plan and configure name them", async () => {
    await fixture.scale(3);

    const runs = [await fixture.run("status"), await fixture.run("plan", "{}"), await fixture.run("configure", "{}")];

    for (const { code, stderr } of runs) {
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(/3 of 5 voters are left, and a quorum needs 3: no further member may fail/);
      expect(stderr).toMatch(/recovery: \{removePeers: \[vault-3, vault-4\]\}/);
    }
    expect(await fixture.status()).toMatchObject({ healthy: true, deadPeers: both });
  });

  it("plan shows the removal that Git declares, with exit 10, and does not do it", async () => {
    const plan = await fixture.run("plan", declared);

    expectCode(plan, 10);
    expect(planOf(plan.stdout)).toMatchObject({ removals: removing(both), troubles: [] });
    expect((await fixture.status()).deadPeers).toEqual(both);
  });

  it("without a quorum, loses no peer: configure ends with exit 3, and names each member and what to do", async () => {
    await fixture.vaults.kill(2);
    await fixture.leaderless();

    const configure = await fixture.run("configure", declared, "--timeout=15s");

    expectCode(configure, 3);
    expect(failure(configure).error).toMatch(
      /vault-0 is unsealed and .*; vault-1 is unsealed and .*; vault-2 .* scaled down too far, scale it up again/,
    );
    await fixture.vaults.start(2);
    expectCode(await fixture.run("unseal"), 0);
    await fixture.voters(3);
    expect((await fixture.status()).deadPeers).toEqual(both);
  });

  it("configure removes the dead peers that Git declares, with the permissions of its hook", async () => {
    const configure = await fixture.runAsHook(declared);

    expectCode(configure, 0);
    expect(outcomeOf(configure.stdout)).toMatchObject({ removed: removing(both), failed: [] });
    expect(await fixture.status()).toMatchObject({ healthy: true, deadPeers: [] });
    await fixture.voters(3);
  });

  it("the declaration may stay in Git: configure changes nothing, and reports that it is no longer needed", async () => {
    const again = await fixture.runAsHook(declared);

    expectCode(again, 0);
    expect(planOf(again.stdout)).toMatchObject({ removals: [], troubles: [] });
    expect(again.stderr).toMatch(/"peers":\["vault-3","vault-4"\].*recovery.removePeers need not name them/);
  });

  it("tolerates the loss of a member again, once its dead peers are removed", async () => {
    await fixture.vaults.kill(2);

    const configure = await fixture.run("configure", "{}");

    expectCode(configure, 0);
    await fixture.vaults.start(2);
    expectCode(await fixture.run("unseal"), 0);
  });

  it("to five again, takes in new members with new volumes, and refuses to remove them", async () => {
    for (const i of [3, 4]) await fixture.vaults.wipe(i);
    await fixture.scale(5);
    expectCode(await fixture.run("join"), 0);
    await fixture.voters(5);

    expectCode(await fixture.run("configure", declared), 4);
    expect(await fixture.status()).toMatchObject({ healthy: true, deadPeers: [] });
  });
});
