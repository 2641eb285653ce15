import { expect, it } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { startVault } from "../../helpers/vault-servers.ts";
import { changes, expectCode, expectNoSecrets, type Fixture, failure, secretValues, startFixture } from "./fixture.ts";

type Post = (path: string, data: object) => Promise<Record<string, unknown>>;

async function withFixture(fixture: Fixture, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } finally {
    await fixture.close();
  }
}

async function expectHealthy(fixture: Fixture): Promise<void> {
  const status = await fixture.run("status");
  expectCode(status, 0);
  const { pods } = JSON.parse(status.stdout) as { pods: { role: string }[] };
  expect(pods.map(({ role }) => role).sort()).toEqual(["follower", "leader"]);
}

it("init, unseal and join bring up members with TLS from a private CA", async () => {
  const fixture = await startFixture(2, { tls: true });

  await withFixture(fixture, async () => {
    await fixture.bringUp();

    await expectHealthy(fixture);
  });
});

it("init, unseal and join bring up OpenBao", async () => {
  const fixture = await startFixture(2, { kind: "bao" });

  await withFixture(fixture, async () => {
    await fixture.bringUp();
    await fixture.restart();
    expectCode(await fixture.run("unseal"), 0);
    expectCode(await fixture.run("join"), 0);

    await expectHealthy(fixture);
  });
});

/** Starts a Vault whose transit engine unseals another one. @returns the seal's configuration */
async function startTransitVault(): Promise<{ config: string; close: () => Promise<void> }> {
  const transit = await startVault();
  let token = "";
  const post: Post = async (path, data) => {
    const headers = { "X-Vault-Token": token };
    const answer = await fetch(`${transit.addresses[0]}/v1/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(data),
    });
    return JSON.parse((await answer.text()) || "{}") as Record<string, unknown>;
  };
  const made = await post("sys/init", { secret_shares: 1, secret_threshold: 1 });
  token = String(made["root_token"]);
  await post("sys/unseal", { key: (made["keys"] as string[])[0] });
  await until("the transit Vault to be active", deadlineIn(30_000), async () => {
    return (await fetch(`${transit.addresses[0]}/v1/sys/health`)).status === 200 ? true : undefined;
  });
  await post("sys/mounts/transit", { type: "transit" });
  await post("transit/keys/unseal", {});
  const config = `
seal "transit" {
  address = "${transit.addresses[0]}"
  token = "${token}"
  mount_path = "transit/"
  key_name = "unseal"
  disable_renewal = "true"
}
`;
  return { config, close: transit.close };
}

it("init, unseal and join bring up members with auto-unseal: recovery keys are stored, and no share is sent", async () => {
  const transit = await startTransitVault();
  const fixture = await startFixture(2, { config: transit.config });

  await withFixture(fixture, async () => {
    const outcomes = [];
    for (const command of ["init", "unseal", "join"]) outcomes.push(await fixture.run(command));

    for (const outcome of outcomes) expectCode(outcome, 0);
    expect(outcomes.map(changes).slice(1)).toEqual([[], ["joined vault-1"]]);
    expect(fixture.proxies.flatMap(({ requests }) => requests).filter((each) => / sys\/unseal$/.test(each))).toEqual(
      [],
    );
    expect(Object.keys((await fixture.secret("vault-unseal-keys")) ?? {})).toContain("share-4");
    await expectHealthy(fixture);
    const values = await secretValues(fixture);
    for (const outcome of outcomes) expectNoSecrets(outcome, values);
  }).finally(transit.close);
});

it("init refuses, without offering remakeUnused, when its response was lost and Vault has auto-unseal", async () => {
  const transit = await startTransitVault();
  const fixture = await startFixture(1, { config: transit.config });

  await withFixture(fixture, async () => {
    fixture.proxies[0]?.fault({ do: "lose" }, { path: /^sys\/init$/, times: 1 });

    const lost = await fixture.run("init");
    const again = await fixture.run("init");

    for (const outcome of [lost, again]) {
      expectCode(outcome, 4);
      expect(failure(outcome).todo).toContain("elete");
      expect(failure(outcome).todo).not.toContain("remakeUnused");
    }
  }).finally(transit.close);
});

it("init refuses when its connection broke, and Vault has finished the call later and unsealed itself", async () => {
  const transit = await startTransitVault();
  const fixture = await startFixture(1, { config: transit.config });

  await withFixture(fixture, async () => {
    fixture.proxies[0]?.fault({ do: "cut" }, { path: /^sys\/init$/, times: 1 });
    const cut = await fixture.run("init");
    // Vault works on after the connection broke, which no proxy can make it do at a given time
    const body = JSON.stringify({ recovery_shares: 5, recovery_threshold: 3 });
    await fetch(`${fixture.vaults.addresses[0]}/v1/sys/init`, { method: "PUT", body });

    const again = await fixture.run("init");

    expectCode(cut, 3);
    expectCode(again, 4);
    expect(failure(again).error).toContain("the response to its initialisation by intent");
    expect(failure(again).todo).not.toContain("remakeUnused");
  }).finally(transit.close);
});
