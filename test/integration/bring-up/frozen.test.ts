import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { init } from "../../../src/bring-up/init/run.ts";
import { withConnection } from "../../../src/connect/connection.ts";
import { openCustody } from "../../../src/custody/open-custody.ts";
import { AppError } from "../../../src/errors.ts";
import { createLogger } from "../../../src/logger.ts";
import type { Run } from "../../../src/run.ts";
import { readSettings } from "../../../src/settings.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { expectCode, type Fixture, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture(1);
});
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());

const kubectl = (...args: string[]) => fixture.kube.kubectl(["-n", "vault-custody", ...args]);

function runOf(log: string[]): Run {
  const given = { kubeconfig: fixture.kube.kubeconfig, address: fixture.proxies[0]?.address ?? "" };
  return {
    settings: readSettings(given, false, {}),
    log: createLogger({ level: "info", output: "json", color: false }, (line) => log.push(line)),
    deadline: deadlineIn(60_000),
    stop: new AbortController().signal,
    print: () => undefined,
    note: () => undefined,
  };
}

/**
 * Runs init as a process that is frozen at the end of its first observation under the Lease, and wakes up with what it has seen:
 * an empty Vault, and no keys.
 */
async function initFrozen(run: Run, whileFrozen: () => Promise<void>): Promise<void> {
  await withConnection(run, async (cluster) => {
    const custody = openCustody(cluster.kube, run.settings.custodyNamespace);
    let observations = 0;
    const hasJournal = async () => {
      const found = await custody.hasJournal();
      observations += 1;
      if (observations === 2) await whileFrozen();
      return found;
    };
    await init({ cluster, custody: { ...custody, hasJournal }, recovery: {} }).catch((error: unknown) => {
      // it may notice by itself that its Lease is lost
      if (!(error instanceof AppError)) throw error;
    });
  });
}

it.each([
  ["without a root token in custody", undefined],
  ["with the root token of a Vault that was lost", "hvs.of-a-lost-vault"],
])("init, frozen while another run took its Lease and initialised, %s, changes nothing", async (_, old) => {
  if (old !== undefined)
    await kubectl("create", "secret", "generic", "vault-root-token", `--from-literal=token=${old}`);
  const log: string[] = [];
  let left: unknown;
  const state = async () => [await fixture.secret("vault-root-token"), await fixture.record()];

  await initFrozen(runOf(log), async () => {
    // as if it had expired
    await kubectl("delete", "lease", "vault-hooks");
    expectCode(await fixture.run("init"), 0);
    left = await state();
  });

  expect(left).toMatchObject([
    { token: expect.stringMatching(/^hvs\.[\w-]{20,}$/) },
    { fingerprint: expect.anything() },
  ]);
  expect(await state()).toEqual(left);
  expect(log.join("")).not.toContain('"msg":"initialising"');
  expectCode(await fixture.run("unseal"), 0);
});
