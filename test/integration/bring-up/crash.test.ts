import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  changes,
  expectCode,
  expectNoSecrets,
  failure,
  type Ground,
  secretValues,
  startGround,
  untilLogged,
} from "./fixture.ts";
import { holdUp } from "./hold-up.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await startGround(1);
});
afterAll(() => ground.close());
beforeEach(() => ground.reset());

async function expectWhole(): Promise<void> {
  expect(await ground.custodyNames()).toEqual(["secret/vault-root-token", "secret/vault-unseal-keys"]);
  expectCode(await ground.run("unseal"), 0);
  expectCode(await ground.run("status"), 0);
}

describe("an init that ends between its call and its last write", () => {
  it.each([
    ["the keys are written", "CREATE", "vault-unseal-keys"],
    ["the root token is written", "CREATE", "vault-root-token"],
    ["the journal is deleted", "DELETE", "vault-init-answer"],
  ] as const)("loses nothing before %s: the next run finishes", async (_, operation, name) => {
    const hold = await holdUp(ground.kube, operation, name);
    const ended = await ground.run("init");
    const values = await secretValues(ground);
    await hold.lift();

    const again = await ground.run("init");

    expectCode(ended, 5);
    expect(failure(ended).error).toContain("held up by a test");
    expectCode(again, 0);
    expect(changes(again)).toEqual([expect.stringContaining("finished an earlier init")]);
    for (const outcome of [ended, again]) expectNoSecrets(outcome, values);
    await expectWhole();
  });

  it("has lost its answer if it is killed before it could write it, and the next run says so", async () => {
    const hold = await holdUp(ground.kube, "CREATE", "vault-init-answer");
    const killed = await ground.start("init");
    await untilLogged(killed, "cannot write yet");
    killed.signal("SIGKILL");
    await killed.outcome;
    await hold.lift();

    const again = await ground.run("init");

    expectCode(again, 4);
    expect(failure(again).todo).toContain(`recovery: {remakeUnused: "${(await ground.record())["intent"]}"}`);
    expect(await ground.custodyNames()).toEqual([]);
  });
});

type Answer = { readonly keys: string[]; readonly keys_base64: string[]; readonly root_token: string };

describe("the answer of init", () => {
  it.each([
    ["after SIGTERM", ["SIGTERM"]],
    ["after Ctrl-C, again and again", ["SIGINT", "SIGINT", "SIGINT"]],
    ["once its terminal is gone", ["SIGHUP", "SIGTERM"]],
  ] as const)("is held until custody takes it, even %s", async (_, signals) => {
    const hold = await holdUp(ground.kube, "CREATE", "vault-init-answer");
    const running = await ground.start("init");
    await untilLogged(running, "cannot write yet");

    for (const signal of signals) {
      running.signal(signal);
      await delay(1200);
    }
    await hold.lift();
    const outcome = await running.outcome;

    expectCode(outcome, 3);
    expect(outcome.stderr).toContain("not stopping before the answer of init is stored: this process has the only copy");
    expect(failure(outcome).error).toContain("told to stop");
    expectNoSecrets(outcome, await secretValues(ground));
    await expectWhole();
  });

  it("is held although whoever read its log has gone", async () => {
    const hold = await holdUp(ground.kube, "CREATE", "vault-init-answer");
    const running = await ground.start("init");
    await untilLogged(running, "cannot write yet");

    running.stopReading();
    await delay(2000);
    await hold.lift();

    expect((await running.outcome).code).toBe(0);
    await expectWhole();
  });

  it("is held although a bug would have ended the process", async () => {
    const bug = 'process.on("SIGUSR2",()=>{throw(Error("a stray bug"))})';
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug)}` };
    const hold = await holdUp(ground.kube, "CREATE", "vault-init-answer");
    const running = await ground.startIn(env, "init");
    await untilLogged(running, "cannot write yet");

    running.signal("SIGUSR2");
    await untilLogged(running, "a stray bug");
    await hold.lift();
    const outcome = await running.outcome;

    expectCode(outcome, 1);
    expect(outcome.stderr).toContain("this is a bug in vault-hooks");
    expect(outcome.stdout).toContain("initialised vault-0");
    await expectWhole();
  });

  it("is not taken for lost by another run while it is held: that one waits for its turn, and says whose it is", async () => {
    const hold = await holdUp(ground.kube, "CREATE", "vault-init-answer");
    const running = await ground.start("init");
    await untilLogged(running, "cannot write yet");

    const others = await Promise.all(["init", "unseal"].map((command) => ground.run(command, "--timeout=6s")));
    await hold.lift();

    for (const other of others) {
      expectCode(other, 3);
      expect(failure(other).error).toContain("gave up waiting for Lease vault-custody/vault-hooks");
    }
    expectCode(await running.outcome, 0);
    await expectWhole();
  });

  it("is held, and what hinders it is told, while Kubernetes gives no answer", async () => {
    ground.proxies[0]?.fault({ delayMs: 4000 }, { path: /^sys\/init$/ });
    const running = await ground.start("init");
    await untilLogged(running, '"msg":"initialising"');
    await delay(1500);
    await ground.kube.stop();

    await untilLogged(running, "cannot write yet");
    await ground.kube.start();
    const outcome = await running.outcome;

    expect(outcome.stderr).toMatch(/create Secret vault-init-answer[^\n]*no answer from/);
    expect(outcome.stderr).toContain("stored the keys");
    await expectWhole();
  });

  it.each([
    [
      "a share less than was asked for",
      (answer: Answer) => ({ ...answer, keys_base64: answer.keys_base64.slice(1) }),
      "4 shares and a",
    ],
    ["no root token", (answer: Answer) => ({ ...answer, root_token: undefined }), "5 shares and no"],
    ["no keys in base64", (answer: Answer) => ({ ...answer, keys_base64: [] }), "0 shares and a"],
  ])("is kept first and judged then, if it has %s", async (_, edit, part) => {
    const whole: string[] = [];
    const change = (body: string) => JSON.stringify(edit(JSON.parse(whole[whole.push(body) - 1] ?? "") as Answer));
    ground.proxies[0]?.fault({ edit: change }, { path: /^sys\/init$/, times: 1 });

    const outcomes = [await ground.run("init"), await ground.run("init")];

    const { keys, root_token: token } = JSON.parse(whole[0] ?? "") as Answer;
    const journal = await ground.secret("vault-init-answer");
    for (const outcome of outcomes) {
      expectCode(outcome, 4);
      expect(failure(outcome).error).toContain(`it has ${part} root token`);
      expect(failure(outcome).todo).toContain("Secret vault-custody/vault-init-answer");
      expectNoSecrets(outcome, [...keys, token]);
    }
    for (const key of keys) expect(journal?.["answer"]).toContain(key);
    expect(await ground.custodyNames()).toEqual(["secret/vault-init-answer"]);
  });

  it("is awaited and kept although SIGTERM came during the call", async () => {
    ground.proxies[0]?.fault({ delayMs: 2000 }, { path: /^sys\/init$/ });
    const running = await ground.start("init");
    await untilLogged(running, "initialising");

    running.signal("SIGTERM");
    await running.outcome;

    await expectWhole();
  });

  it("is not asked for if SIGTERM came before", async () => {
    await ground.vaults.kill(0);
    const running = await ground.start("init");
    await delay(3000);

    const at = Date.now();
    running.signal("SIGTERM");
    const outcome = await running.outcome;

    expectCode(outcome, 3);
    expect(Date.now() - at).toBeLessThan(5000);
    expect(failure(outcome).error).toMatch(/told to stop while waiting for .*vault-0 has not answered/);
    await ground.vaults.start(0);
    expect(await ground.sealStatus(0)).toMatchObject({ initialized: false });
  });

  it("is refused to be made up for when it was lost, until Git says so", async () => {
    ground.proxies[0]?.fault({ do: "lose" }, { path: /^sys\/init$/, times: 1 });

    const lost = await ground.run("init");
    const again = await ground.run("init");
    const { intent } = await ground.record();

    for (const outcome of [lost, again]) {
      expectCode(outcome, 4);
      expect(failure(outcome).todo).toContain(`recovery: {remakeUnused: "${intent}"}`);
    }
    expect(failure(lost).error).toContain(`vault-0 was initialised by intent ${intent}, and its answer`);
    expect(await ground.custodyNames()).toEqual([]);
  });

  it("is not taken for lost when the call never reached Vault", async () => {
    ground.proxies[0]?.fault({ do: "cut" }, { path: /^sys\/init$/, times: 1 });

    const cut = await ground.run("init");
    expect(await ground.record()).toMatchObject({ calledAt: "" });
    const again = await ground.run("init");

    expectCode(cut, 3);
    expectCode(again, 0);
    await expectWhole();
  });
});
