import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { expectCode, type Fixture, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture(1);
});
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());

const kubectl = (...args: string[]) => fixture.kube.kubectl(["-n", "vault-custody", ...args]);

it.each([
  ["without a root token in custody", []],
  ["with the root token of a Vault that was lost", ["--from-literal=token=hvs.of-a-lost-vault"]],
])("init, frozen while another run took its Lease and initialised, %s: changes nothing", async (_, old) => {
  if (old.length > 0) await kubectl("create", "secret", "generic", "vault-root-token", ...old);
  const received = () => fixture.proxies[0]?.requests.filter((each) => each === "GET sys/seal-status").length ?? 0;
  const forwarded = () => fixture.proxies[0]?.countForwarded("GET", /^sys\/seal-status$/) ?? 0;
  const before = { received: received(), forwarded: forwarded() };
  fixture.proxies[0]?.fault({ delayMs: 3000 }, { path: /^sys\/seal-status$/ });
  const frozen = await fixture.start("init");
  // the second observation is under the Lease; its answer, an empty Vault, waits in the socket of the frozen process
  await expect.poll(received, { timeout: 30_000 }).toBe(before.received + 2);
  frozen.signal("SIGSTOP");
  await expect.poll(forwarded, { timeout: 10_000 }).toBe(before.forwarded + 2);
  fixture.proxies[0]?.clearFaults();

  const other = await fixture.run("init");
  const [token, record] = [await fixture.secret("vault-root-token"), await fixture.record()];
  frozen.signal("SIGCONT");
  const outcome = await frozen.outcome;

  expectCode(other, 0);
  // 3 if it has noticed by then that its Lease is lost
  expect([0, 3], outcome.stderr).toContain(outcome.code);
  expect(outcome.stderr).not.toContain('"msg":"initialising"');
  expect(token?.["token"]).toMatch(/^hvs\./);
  expect(token?.["token"]).not.toBe("hvs.of-a-lost-vault");
  expect(await fixture.secret("vault-root-token")).toEqual(token);
  expect(await fixture.record()).toEqual(record);
  expectCode(await fixture.run("unseal"), 0);
});
