import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Outcome } from "../../helpers/run-cli.ts";
import { type Fixture, startConfigurable } from "../bring-up/fixture.ts";
import { grantWatchRights, killWatchers, startWatch, untilTrue } from "../watch/fixture.ts";

const message = "vault-hooks is not tested with this version of Vault or OpenBao";
let fixture: Fixture;

beforeAll(async () => {
  fixture = await startConfigurable();
  await grantWatchRights(fixture);
});
afterEach(killWatchers);
afterAll(() => fixture?.close());

/** Vault 2 cannot be built for the tests, so the proxies change the version that real Vaults report. */
function reportVersion(version: string): void {
  const edit = (body: string) => body.replace(/"version":"[^"]*"/, `"version":"${version}"`);
  for (const proxy of fixture.proxies) {
    proxy.clearFaults();
    proxy.fault({ edit }, { path: /^sys\/seal-status/ });
  }
}

/** The versions that the log warns of. */
function warnedOf({ stderr }: Pick<Outcome, "stderr">): unknown[] {
  const lines = stderr.trim().split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line)).flatMap(({ msg, version }) => (msg === message ? [version] : []));
}

it.each(["init", "unseal", "join", "configure", "plan", "status"])(
  "%s warns once of an untested version, and succeeds all the same",
  async (command) => {
    reportVersion("99.2.2+ent");

    const outcome = await fixture.run(
      command,
      ...(["configure", "plan"].includes(command) ? ["--config=hooks/config"] : []),
    );

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(warnedOf(outcome)).toEqual(["99.2.2+ent"]);
  },
);

it("watch warns once of an untested version, and unseals all the same", async () => {
  reportVersion("99.2.2-rc1");
  const watcher = await startWatch(fixture);
  // before there is anything to repair
  await watcher.logged(message);

  await fixture.restart();
  const states = async () =>
    Object.entries(await watcher.metrics()).filter(([name]) => /state="(active|standby)"/.test(name));
  await untilTrue("every member to be unsealed", async () => {
    return (await states()).reduce((sum, [, value]) => sum + value, 0) === 3;
  });

  expect(await watcher.probe("/healthz")).toMatchObject({ status: 200 });
  expect(warnedOf(await watcher.stop())).toEqual(["99.2.2-rc1"]);
});

it("status does not warn of the version that the tests run", async () => {
  for (const proxy of fixture.proxies) proxy.clearFaults();

  const outcome = await fixture.run("status");

  expect(outcome.stdout).toMatch(/"version":"\d/);
  expect(warnedOf(outcome)).toEqual([]);
});
