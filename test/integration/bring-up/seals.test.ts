import { expect, it } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { startVault } from "../../helpers/vault-servers.ts";
import { changes, expectCode, expectNoSecrets, failure, type Ground, secretValues, startGround } from "./fixture.ts";

type Post = (path: string, data: object) => Promise<Record<string, unknown>>;

async function withGround(ground: Ground, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } finally {
    await ground.close();
  }
}

async function expectHealthy(ground: Ground): Promise<void> {
  const status = await ground.run("status");
  expectCode(status, 0);
  const { pods } = JSON.parse(status.stdout) as { pods: { role: string }[] };
  expect(pods.map(({ role }) => role).sort()).toEqual(["follower", "leader"]);
}

it("brings up members that speak TLS by a CA of their own", async () => {
  const ground = await startGround(2, { tls: true });

  await withGround(ground, async () => {
    await ground.bringUp();

    await expectHealthy(ground);
  });
});

it("brings up OpenBao", async () => {
  const ground = await startGround(2, { kind: "bao" });

  await withGround(ground, async () => {
    await ground.bringUp();
    await ground.restart();
    expectCode(await ground.run("unseal"), 0);
    expectCode(await ground.run("join"), 0);

    await expectHealthy(ground);
  });
});

/** A Vault whose transit engine unseals another one. @returns the seal's configuration */
async function startKeeper(): Promise<{ config: string; close: () => Promise<void> }> {
  const keeper = await startVault();
  let token = "";
  const post: Post = async (path, data) => {
    const headers = { "X-Vault-Token": token };
    const answer = await fetch(`${keeper.addresses[0]}/v1/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(data),
    });
    return JSON.parse((await answer.text()) || "{}") as Record<string, unknown>;
  };
  const made = await post("sys/init", { secret_shares: 1, secret_threshold: 1 });
  token = String(made["root_token"]);
  await post("sys/unseal", { key: (made["keys"] as string[])[0] });
  await until("the keeper to lead", deadlineIn(30_000), async () => {
    return (await fetch(`${keeper.addresses[0]}/v1/sys/health`)).status === 200 ? true : undefined;
  });
  await post("sys/mounts/transit", { type: "transit" });
  await post("transit/keys/unseal", {});
  const config = `
seal "transit" {
  address = "${keeper.addresses[0]}"
  token = "${token}"
  mount_path = "transit/"
  key_name = "unseal"
  disable_renewal = "true"
}
`;
  return { config, close: keeper.close };
}

it("brings up members that unseal themselves: their recovery keys are kept, and unseal only waits", async () => {
  const keeper = await startKeeper();
  const ground = await startGround(2, { config: keeper.config });

  await withGround(ground, async () => {
    const outcomes = [];
    for (const command of ["init", "unseal", "join"]) outcomes.push(await ground.run(command));

    for (const outcome of outcomes) expectCode(outcome, 0);
    expect(outcomes.map(changes).slice(1)).toEqual([[], ["joined vault-1"]]);
    expect(ground.proxies.flatMap(({ requests }) => requests).filter((each) => / sys\/unseal$/.test(each))).toEqual([]);
    expect(Object.keys((await ground.secret("vault-unseal-keys")) ?? {})).toContain("share-4");
    await expectHealthy(ground);
    const values = await secretValues(ground);
    for (const outcome of outcomes) expectNoSecrets(outcome, values);
  }).finally(keeper.close);
});

it("refuses one that unseals itself, and whose answer to init was lost", async () => {
  const keeper = await startKeeper();
  const ground = await startGround(1, { config: keeper.config });

  await withGround(ground, async () => {
    ground.proxies[0]?.fault({ do: "lose" }, { path: /^sys\/init$/, times: 1 });

    const lost = await ground.run("init");
    const again = await ground.run("init");

    for (const outcome of [lost, again]) {
      expectCode(outcome, 4);
      expect(failure(outcome).todo).toContain("elete");
      expect(failure(outcome).todo).not.toContain("remakeUnused");
    }
  }).finally(keeper.close);
});
