import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import type { Outcome } from "../../helpers/run-cli.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { changes, expectCode, type Fixture, failure, startConfigurable, untilLogged } from "./fixture.ts";

let fixture: Fixture;
let config: string;

beforeAll(async () => {
  config = await tempDir("config");
  await writeFile(join(config, "vault.yaml"), "secrets: { kv: { type: kv } }\n");
  fixture = await startConfigurable();
  await fixture.bringUp();
  await untilAllVote();
});
beforeEach(async () => {
  for (const proxy of fixture.proxies) proxy.clearFaults();
  await comeBack();
  for (const command of ["unseal", "join"]) expectCode(await fixture.run(command), 0);
});
afterAll(async () => {
  await fixture.close();
  await rm(config, { recursive: true });
});
type Printed = { readonly why: string; readonly warning?: string };
const printed = ({ stdout }: Outcome): Printed => JSON.parse(stdout) as Printed;

const stopped = new Set<number>();

async function kill(i: number): Promise<void> {
  await fixture.vaults.kill(i);
  stopped.add(i);
}

/** Ends a member and removes its pod. Its volume claim stays. */
async function lose(i: number): Promise<void> {
  await kill(i);
  await fixture.pods.removePod(i);
}

/** Starts what a test has stopped. */
async function comeBack(): Promise<void> {
  for (const i of stopped) {
    await fixture.vaults.start(i);
    await fixture.pods.addPod(i);
  }
  stopped.clear();
}

/** A member that has just joined gets no vote in Raft for ten seconds or more. The members with a vote elect the leader. */
async function untilAllVote(): Promise<void> {
  const token = (await fixture.secret("vault-root-token"))?.["token"] ?? "";
  const url = `${fixture.vaults.addresses[await leader()]}/v1/sys/storage/raft/configuration`;
  await until("three members with a vote", deadlineIn(60_000), async () => {
    const answer = await fetch(url, { headers: { "X-Vault-Token": token } });
    const { data } = (await answer.json()) as { data: { config: { servers: { voter: boolean }[] } } };
    return data.config.servers.filter(({ voter }) => voter).length === 3 ? true : undefined;
  });
}

/** Restarts members, which are then sealed. */
async function restart(...members: number[]): Promise<void> {
  await Promise.all(members.map((i) => fixture.vaults.kill(i)));
  await Promise.all(members.map((i) => fixture.vaults.start(i)));
}

async function leader(): Promise<number> {
  const { stdout } = await fixture.run("status");
  const { pods } = JSON.parse(stdout) as { pods: { role: string }[] };
  return pods.findIndex(({ role }) => role === "leader");
}

describe("with one of three members absent, Vault", () => {
  it("is unsealed, joined and configured, and unseal and join warn of the absent pod", async () => {
    await lose(2);
    await restart(0, 1);

    const unsealed = await fixture.run("unseal");
    const joined = await fixture.run("join");
    const configured = await fixture.run("configure", `--config=${config}`);

    expectCode(unsealed, 0);
    expect(changes(unsealed)).toEqual(["unsealed vault-0", "unsealed vault-1"]);
    expectCode(joined, 0);
    expectCode(configured, 0);
    for (const outcome of [unsealed, joined]) {
      expect(printed(outcome).warning).toMatch(/^vault-2 \(there is no such pod\) is absent; 2 of 3 members/);
      expect(outcome.stderr).toContain("vault-2 (there is no such pod) is absent");
    }
  });

  it("is unsealed, joined and configured when the absent member was the leader", async () => {
    const lost = await leader();
    await lose(lost);

    for (const command of ["unseal", "join"]) {
      const outcome = await fixture.run(command);

      expectCode(outcome, 0);
      expect(printed(outcome).warning).toContain(`vault-${lost} (there is no such pod) is absent`);
    }
    expectCode(await fixture.run("configure", `--config=${config}`), 0);
  });

  it("is unsealed, joined and configured when the other two restart and the absent member was the leader", async () => {
    const lost = await leader();
    await lose(lost);
    await restart(...[0, 1, 2].filter((i) => i !== lost));

    for (const command of ["init", "unseal", "join"]) expectCode(await fixture.run(command), 0);
    expectCode(await fixture.run("configure", `--config=${config}`), 0);
  });

  it("takes the absent member up again when its pod is back", async () => {
    await lose(2);
    expectCode(await fixture.run("unseal"), 0);
    await comeBack();

    const unsealed = await fixture.run("unseal");
    const joined = await fixture.run("join");

    expect(changes(unsealed)).toEqual(["unsealed vault-2"]);
    expect(printed(joined)).not.toHaveProperty("warning");
    expectCode(await fixture.run("status"), 0);
  });
});

describe("with two of three members absent, Vault", () => {
  it.each(["unseal", "join"])("is waited for by %s, which names both pods at the deadline", async (command) => {
    await lose(1);
    await lose(2);

    const outcome = await fixture.run(command, "--timeout=20s");

    expectCode(outcome, 3);
    expect(failure(outcome).error).toContain("vault-1 has not answered (there is no such pod)");
    expect(failure(outcome).error).toContain("vault-2 has not answered (there is no such pod)");
  });
});

describe("while the pod of one of three members runs and does not answer, unseal", () => {
  it("waits for it, for a limited time, and succeeds with a warning", async () => {
    fixture.proxies[2]?.fault({ do: "hang" });
    const began = performance.now();

    const outcome = await fixture.run("unseal", "--timeout=2m");

    expectCode(outcome, 0);
    expect(performance.now() - began).toBeGreaterThan(30_000);
    expect(printed(outcome).warning).toMatch(/^vault-2 \(no answer within 5 s\) is absent/);
  });

  it("succeeds with the warning at the deadline, if that is earlier", async () => {
    fixture.proxies[2]?.fault({ do: "hang" });

    const outcome = await fixture.run("unseal", "--timeout=25s");

    expectCode(outcome, 0);
    expect(printed(outcome).warning).toContain("vault-2 (no answer within 5 s) is absent");
  });

  it("unseals it when it starts to answer", async () => {
    await kill(2);
    const running = await fixture.start("unseal");
    await untilLogged(running, "vault-2 has not answered");
    await comeBack();

    const outcome = await running.outcome;

    expectCode(outcome, 0);
    expect(changes(outcome)).toEqual(["unsealed vault-2"]);
    expect(printed(outcome)).not.toHaveProperty("warning");
  });

  it("ends with exit code 3 when it is stopped", async () => {
    await kill(2);
    const running = await fixture.start("unseal");
    await untilLogged(running, "vault-2 has not answered");
    running.signal("SIGTERM");

    const outcome = await running.outcome;

    expectCode(outcome, 3);
    expect(failure(outcome).error).toContain("stopped while waiting for every member of Vault to be unsealed");
  });
});
