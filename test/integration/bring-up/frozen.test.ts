import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { expectCode, type Fixture, failure, startFixture } from "./fixture.ts";

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
  const statuses = () => fixture.proxies[0]?.requests.filter((each) => each === "GET sys/seal-status").length;
  fixture.proxies[0]?.fault({ delayMs: 3000 }, { path: /^sys\/seal-status$/ });
  const frozen = await fixture.start("init");
  // the second observation is under the Lease; its answer, an empty Vault, waits in the socket of the frozen process
  await expect.poll(statuses, { timeout: 30_000 }).toBe(2);
  frozen.signal("SIGSTOP");
  await expect.poll(() => fixture.proxies[0]?.countForwarded("GET", /^sys\/seal-status$/)).toBe(2);
  fixture.proxies[0]?.clearFaults();

  const other = await fixture.run("init");
  const [token, record] = [await fixture.secret("vault-root-token"), await fixture.record()];
  frozen.signal("SIGCONT");
  const outcome = await frozen.outcome;

  expectCode(other, 0);
  expectCode(outcome, 3);
  expect(failure(outcome).error).toContain("lost Lease vault-custody/vault-hooks");
  expect(token?.["token"]).toMatch(/^hvs\./);
  expect(token?.["token"]).not.toBe("hvs.of-a-lost-vault");
  expect(await fixture.secret("vault-root-token")).toEqual(token);
  expect(await fixture.record()).toEqual(record);
  expectCode(await fixture.run("unseal"), 0);
});
