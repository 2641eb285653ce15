import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { blockSecret } from "./block-secret.ts";
import {
  changes,
  expectCode,
  expectNoSecrets,
  type Fixture,
  failure,
  secretValues,
  startFixture,
  untilLogged,
} from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture(1);
});
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());

async function expectComplete(): Promise<void> {
  expect(await fixture.custodyNames()).toEqual(["secret/vault-root-token", "secret/vault-unseal-keys"]);
  expectCode(await fixture.run("unseal"), 0);
  expectCode(await fixture.run("status"), 0);
}

describe("an init that ends after its call to Vault", () => {
  it.each([
    ["it writes the keys", "CREATE", "vault-unseal-keys"],
    ["it writes the root token", "CREATE", "vault-root-token"],
    ["it deletes the journal", "DELETE", "vault-init-answer"],
  ] as const)("is finished by the next run when it ended before %s", async (_, operation, name) => {
    const block = await blockSecret(fixture.kube, operation, name);
    const ended = await fixture.run("init");
    const values = await secretValues(fixture);
    await block.lift();

    const again = await fixture.run("init");

    expectCode(ended, 5);
    expect(failure(ended).error).toContain("blocked by a test");
    expectCode(again, 0);
    expect(changes(again)).toEqual([expect.stringContaining("finished an earlier init")]);
    for (const outcome of [ended, again]) expectNoSecrets(outcome, values);
    await expectComplete();
  });

  it("has lost its response when it was killed before it wrote the journal, and the next run refuses", async () => {
    const block = await blockSecret(fixture.kube, "CREATE", "vault-init-answer");
    const killed = await fixture.start("init");
    await untilLogged(killed, "cannot write yet");
    killed.signal("SIGKILL");
    await killed.outcome;
    await block.lift();

    const again = await fixture.run("init");

    expectCode(again, 4);
    expect(failure(again).todo).toContain(`recovery: {remakeUnused: "${(await fixture.record())["intent"]}"}`);
    expect(await fixture.custodyNames()).toEqual([]);
  });
});

type Answer = { readonly keys: string[]; readonly keys_base64: string[]; readonly root_token: string };

describe("the response of init", () => {
  it.each([
    ["after SIGTERM", ["SIGTERM"]],
    ["after repeated Ctrl-C", ["SIGINT", "SIGINT", "SIGINT"]],
    ["after its terminal was closed", ["SIGHUP", "SIGTERM"]],
  ] as const)("is held until it is stored, even %s", async (_, signals) => {
    const block = await blockSecret(fixture.kube, "CREATE", "vault-init-answer");
    const running = await fixture.start("init");
    await untilLogged(running, "cannot write yet");

    for (const signal of signals) {
      running.signal(signal);
      await delay(1200);
    }
    await block.lift();
    const outcome = await running.outcome;

    expectCode(outcome, 3);
    expect(outcome.stderr).toContain(
      "not stopping before the response of init is stored: this process has the only copy",
    );
    expect(failure(outcome).error).toContain("stopped while waiting");
    expectNoSecrets(outcome, await secretValues(fixture));
    await expectComplete();
  });

  it("is held until it is stored, even after the reader of its log has gone", async () => {
    const block = await blockSecret(fixture.kube, "CREATE", "vault-init-answer");
    const running = await fixture.start("init");
    await untilLogged(running, "cannot write yet");

    running.stopReading();
    await delay(2000);
    await block.lift();

    expect((await running.outcome).code).toBe(0);
    await expectComplete();
  });

  it("is held until it is stored, even after an uncaught exception", async () => {
    const bug = 'process.on("SIGUSR2",()=>{throw(Error("a stray bug"))})';
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug)}` };
    const block = await blockSecret(fixture.kube, "CREATE", "vault-init-answer");
    const running = await fixture.startIn(env, "init");
    await untilLogged(running, "cannot write yet");

    running.signal("SIGUSR2");
    await untilLogged(running, "a stray bug");
    await block.lift();
    const outcome = await running.outcome;

    expectCode(outcome, 1);
    expect(outcome.stderr).toContain("this is a bug in vault-hooks");
    expect(outcome.stdout).toContain("initialised vault-0");
    await expectComplete();
  });

  it("is not reported as lost by another run while it is held: that run waits for the Lease", async () => {
    const block = await blockSecret(fixture.kube, "CREATE", "vault-init-answer");
    const running = await fixture.start("init");
    await untilLogged(running, "cannot write yet");

    const others = await Promise.all(["init", "unseal"].map((command) => fixture.run(command, "--timeout=15s")));
    await block.lift();

    for (const other of others) {
      expectCode(other, 3);
      expect(failure(other).error).toContain("gave up waiting for Lease vault-custody/vault-hooks");
    }
    expectCode(await running.outcome, 0);
    await expectComplete();
  });

  it("is held until it is stored while Kubernetes does not answer, and the error is logged", async () => {
    fixture.proxies[0]?.fault({ delayMs: 4000 }, { path: /^sys\/init$/ });
    const running = await fixture.start("init");
    await untilLogged(running, '"msg":"initialising"');
    await delay(1500);
    await fixture.kube.stop();

    await untilLogged(running, "cannot write yet");
    await fixture.kube.start();
    const outcome = await running.outcome;

    expect(outcome.stderr).toMatch(/create Secret vault-init-answer[^\n]*no answer from/);
    expect(outcome.stderr).toContain("stored the keys");
    await expectComplete();
  });

  it.each([
    [
      "one share fewer than requested",
      (answer: Answer) => ({ ...answer, keys_base64: answer.keys_base64.slice(1) }),
      "4 shares and a",
    ],
    ["no root token", (answer: Answer) => ({ ...answer, root_token: undefined }), "5 shares and no"],
    ["no keys in base64", (answer: Answer) => ({ ...answer, keys_base64: [] }), "0 shares and a"],
  ])("is stored in the journal, then refused, when it has %s", async (_, edit, part) => {
    const bodies: string[] = [];
    const change = (body: string) => JSON.stringify(edit(JSON.parse(bodies[bodies.push(body) - 1] ?? "") as Answer));
    fixture.proxies[0]?.fault({ edit: change }, { path: /^sys\/init$/, times: 1 });

    const outcomes = [await fixture.run("init"), await fixture.run("init")];

    const { keys, root_token: token } = JSON.parse(bodies[0] ?? "") as Answer;
    const journal = await fixture.secret("vault-init-answer");
    for (const outcome of outcomes) {
      expectCode(outcome, 4);
      expect(failure(outcome).error).toContain(`it has ${part} root token`);
      expect(failure(outcome).todo).toContain("Secret vault-custody/vault-init-answer");
      expectNoSecrets(outcome, [...keys, token]);
    }
    for (const key of keys) expect(journal?.["answer"]).toContain(key);
    expect(await fixture.custodyNames()).toEqual(["secret/vault-init-answer"]);
  });

  it("is awaited and stored when SIGTERM comes during the call", async () => {
    fixture.proxies[0]?.fault({ delayMs: 2000 }, { path: /^sys\/init$/ });
    const running = await fixture.start("init");
    await untilLogged(running, "initialising");

    running.signal("SIGTERM");
    await running.outcome;

    await expectComplete();
  });

  it("is not requested when SIGTERM comes before the call", async () => {
    await fixture.vaults.kill(0);
    const running = await fixture.start("init");
    await untilLogged(running, '"msg":"waiting"');

    const at = Date.now();
    running.signal("SIGTERM");
    const outcome = await running.outcome;

    expectCode(outcome, 3);
    expect(Date.now() - at).toBeLessThan(5000);
    expect(failure(outcome).error).toMatch(/stopped while waiting for .*vault-0 has not answered/);
    await fixture.vaults.start(0);
    expect(await fixture.sealStatus(0)).toMatchObject({ initialized: false });
  });

  it("is reported as lost, with the recovery declaration to accept it, when the connection broke", async () => {
    fixture.proxies[0]?.fault({ do: "lose" }, { path: /^sys\/init$/, times: 1 });

    const lost = await fixture.run("init");
    const again = await fixture.run("init");
    const { intent } = await fixture.record();

    for (const outcome of [lost, again]) {
      expectCode(outcome, 4);
      expect(failure(outcome).todo).toContain(`recovery: {remakeUnused: "${intent}"}`);
    }
    expect(failure(lost).error).toContain(`vault-0 was initialised by intent ${intent}, and the response`);
    expect(await fixture.custodyNames()).toEqual([]);
  });

  it("is not reported as lost when no connection to Vault was made", async () => {
    // init observes four times before it opens the connection for its call
    fixture.proxies[0]?.refuseAfter(4, /^sys\/seal-status$/);

    const refused = await fixture.run("init");
    await fixture.proxies[0]?.accept();
    expect(await fixture.record()).toMatchObject({ calledAt: "", calledPod: "" });
    const again = await fixture.run("init");

    expectCode(refused, 3);
    expect(failure(refused).error).toContain("POST /v1/sys/init on vault-0: no answer: connect ECONNREFUSED");
    expectCode(again, 0);
    await expectComplete();
  });
});

describe("an init whose connection broke during its call", () => {
  beforeEach(() => fixture.proxies[0]?.fault({ do: "cut" }, { path: /^sys\/init$/, times: 1 }));

  const calls = () => fixture.proxies[0]?.requests.filter((each) => each === "POST sys/init").length ?? 0;

  it("keeps the next init from calling Vault again until the pod that may still work on it is gone", async () => {
    const cut = await fixture.run("init");
    const { intent, calledAt } = await fixture.record();
    const called = calls();
    const again = await fixture.run("init");
    const [kept, calledSince] = [await fixture.record(), calls() - called];
    await fixture.pods.removePod(0);
    await fixture.pods.addPod(0);
    const afterwards = await fixture.run("init");

    expectCode(cut, 3);
    expect(calledAt).not.toBe("");
    expectCode(again, 4);
    expect(failure(again).error).toContain(`vault-0 may still be working on the call of init with intent ${intent}`);
    expect(failure(again).todo).toContain("delete pod vault-0 in namespace vault");
    expect(kept).toMatchObject({ intent, calledAt });
    expect([called > 0, calledSince]).toEqual([true, 0]);
    expectCode(afterwards, 0);
    await expectComplete();
  });

  it("is reported as lost, with the recovery declaration to accept it, when Vault has finished it later", async () => {
    const cut = await fixture.run("init");
    const { intent } = await fixture.record();
    // Vault works on after the connection broke, which no proxy can make it do at a given time
    const body = JSON.stringify({ secret_shares: 5, secret_threshold: 3 });
    await fetch(`${fixture.vaults.addresses[0]}/v1/sys/init`, { method: "PUT", body });

    const again = await fixture.run("init");

    expectCode(cut, 3);
    expectCode(again, 4);
    expect(failure(again).todo).toContain(`recovery: {remakeUnused: "${intent}"}`);
  });
});
