import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { unsupported } from "../../helpers/proxy.ts";
import { type ConfigGround, startConfigGround } from "./fixture.ts";
import { appliedOf, desired, failure, type Json, planOf } from "./sample.ts";

let ground: ConfigGround;

beforeAll(async () => {
  ground = await startConfigGround();
  await ground.begin();
  const { code, stderr } = await ground.run("configure", { "vault.yaml": "{}" });
  expect(code, stderr).toBe(0);
});
afterEach(() => ground.proxy.heal());
afterAll(() => ground.close());

/** A KV mount of each version and a policy, under names that no other test uses. */
function objects(name: string) {
  const value = "{ a: { p: { generate: { length: 24 } }, q: fixed } }";
  return {
    "vault.yaml":
      `policies: { ${name}: { hcl: 'path "a" { capabilities = ["read"] }' } }\n` +
      `secrets:\n  ${name}1: { type: kv, values: ${value} }\n` +
      `  ${name}2: { type: kv, options: { version: "2" }, values: ${value} }\n`,
  };
}

async function held(name: string) {
  const [one, two] = await Promise.all([ground.ask("GET", `${name}1/a`), ground.ask("GET", `${name}2/data/a`)]);
  const second = two.body["data"] as { data: Json; metadata: { version: number } };
  return { one: one.body["data"] as Json, two: second.data, version: second.metadata.version };
}

const token = /^(POST|PUT) auth\/token\/revoke-self$/;

/** Nobody but the one who asks has a token: each run has revoked its own. */
async function expectNoTokens(): Promise<void> {
  const { body } = await ground.ask("LIST", "auth/token/accessors");
  expect((body["data"] as { keys: string[] }).keys).toHaveLength(1);
}

describe("a Vault that fails in the middle", () => {
  it.each([
    ["busy", { status: 429 }],
    ["down", { status: 503 }],
    ["broken", { status: 500 }],
    ["slow", { delayMs: 1000 }],
    ["cut", { do: "cut" }],
    ["lost", { do: "lose" }],
  ] as const)("and heals is configured all the same, each value made once: %s", async (name, fault) => {
    // each of these is struck once: mounts, policies, values of both versions, reads and writes
    for (const path of [
      /^sys\/mounts\//,
      /^sys\/policies\//,
      new RegExp(`^${name}1/a`),
      new RegExp(`^${name}2/data/`),
    ]) {
      ground.proxy.fault(fault, { times: 1, method: "POST", path });
      ground.proxy.fault(fault, { times: 1, method: "GET", path });
    }

    const configured = await ground.run("configure", objects(name));
    const first = await held(name);
    const again = await ground.run("configure");
    const planned = await ground.run("plan");

    expect(configured.code, configured.stdout + configured.stderr).toBe(0);
    expect(again.code).toBe(0);
    expect(planned.code, planned.stdout).toBe(0);
    expect(first.one).toEqual({ p: expect.stringMatching(/^\w{24}$/), q: "fixed" });
    expect(first.version).toBe(1);
    expect(await held(name)).toEqual(first);
  });

  it("and stays so at one object: exit code 3, it is named, all others are done", async () => {
    ground.proxy.fault(
      { status: 503, errors: ["storage is full"] },
      { method: "POST", path: /^sys\/policies\/acl\/stays/ },
    );

    const outcome = await ground.run("configure", objects("stays"));

    expect(outcome.code).toBe(3);
    expect(appliedOf(outcome).failed).toMatchObject([
      { path: "sys/policies/acl/stays", exitCode: 3, error: expect.stringContaining("503: storage is full") },
    ]);
    expect(appliedOf(outcome).done).toHaveLength(4);
    await expectNoTokens();
  });

  it("and is too busy even for a login is no Vault without one: exit code 3", async () => {
    ground.proxy.fault({ status: 429, errors: ["rate limit quota exceeded"] }, { path: /^auth\/vault-hooks\/login/ });

    const outcome = await ground.run("configure");

    expect(outcome.code, outcome.stderr).toBe(3);
    expect(failure(outcome)["error"]).toContain("429: rate limit quota exceeded");
  });

  it("and refuses a login for a while, as it does where the API server is slow, is asked again", async () => {
    const refused = { status: 403, errors: ["permission denied"] };
    ground.proxy.fault(refused, { times: 4, path: /^auth\/vault-hooks\/login/ });

    const outcome = await ground.run("configure", { "vault.yaml": "{}" });

    expect(outcome.code, outcome.stderr).toBe(0);
  });

  it("and refuses a login with a reason is not asked again", async () => {
    const refused = { status: 403, errors: ["service account name not authorized"] };
    ground.proxy.fault(refused, { times: 1, path: /^auth\/vault-hooks\/login/ });

    const outcome = await ground.run("configure");

    expect(outcome.code, outcome.stderr).toBe(5);
    expect(failure(outcome)["error"]).toContain("service account name not authorized");
  });

  it("and answers in a form that nobody knows is not written to: exit code 4", async () => {
    await ground.ask("PUT", "sys/policies/acl/odd", { policy: 'path "b" { capabilities = ["read"] }' });
    ground.proxy.fault({ status: 200 }, { method: "GET", path: /^sys\/policies\/acl\/odd/ });

    const outcome = await ground.run("configure", objects("odd"));

    expect(outcome.code).toBe(4);
    expect(planOf(outcome).troubles).toMatchObject([
      { path: "sys/policies/acl/odd", error: expect.stringContaining("in a form that is unknown") },
    ]);
    expect(ground.proxy.passed("POST", /^sys\/policies\/acl\/odd/)).toBe(0);
  });
});

describe("a KV mount that takes long to become one of version 2", () => {
  const upgrading = { status: 400, errors: ["Upgrading from non-versioned to versioned data."] };
  const many = (what: string) => Array.from({ length: 10 }, (_, i) => `${what}${i}`);
  const text = JSON.stringify({ hcl: 'path "a" { capabilities = ["read"] }' });
  const around = (name: string) => {
    const values = many("v").map((value) => `${value}: { k: v }`);
    const policies = many(name).map((policy) => `${policy}: ${text}`);
    const mount = `{ type: kv, options: { version: "2" }, values: { ${values} } }`;
    return { "vault.yaml": `policies: { ${policies} }\nsecrets: { ${name}: ${mount} }` };
  };

  it("is waited for by one request: meanwhile all is done that does not live in it", async () => {
    ground.proxy.fault(upgrading, { method: "GET", path: /^late\/config/, times: 12 });
    const before = ground.proxy.requests.length;

    const outcome = await ground.run("configure", around("late"), "--concurrency=2");

    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
    const requests = ground.proxy.requests.slice(before);
    const ready = requests.lastIndexOf("GET late/config");
    const matching = (of: RegExp, some: string[]) => some.filter((each) => of.test(each));
    expect(matching(/^POST sys\/policies\/acl\/late/, requests.slice(0, ready))).toHaveLength(10);
    expect(matching(/late\/data/, requests.slice(0, ready))).toEqual([]);
    expect(matching(/^POST late\/data/, requests.slice(ready))).toHaveLength(10);
  });

  it("for longer than the run may take is to be tried again, and named; the rest is done", async () => {
    ground.proxy.fault(upgrading, { method: "GET", path: /^later\/config/ });

    const outcome = await ground.run("configure", around("later"), "--timeout=15s");

    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(3);
    const { failed, blocked, done } = appliedOf(outcome);
    expect(failed).toMatchObject([
      { path: "sys/mounts/later", exitCode: 3, error: expect.stringContaining("Upgrading from non-versioned") },
    ]);
    expect(blocked).toHaveLength(10);
    expect(done).toHaveLength(10);
  });
});

describe("values of a KV mount that does not become ready", () => {
  it("are waited for once for all of them, and are to be tried again; the rest is done", async () => {
    const values = Array.from({ length: 30 }, (_, i) => `v${i}: { k: v }`);
    const files = (policies: string) => ({
      "vault.yaml": `policies: { ${policies} }\nsecrets: { stuck: { type: kv, options: { version: "2" }, values: { ${values} } } }`,
    });
    expect((await ground.run("configure", files(""))).code).toBe(0);
    ground.proxy.fault(
      { status: 400, errors: ["Waiting for the primary to upgrade from non-versioned to versioned data."] },
      { path: /^stuck\/data/ },
    );

    const outcome = await ground.run(
      "configure",
      files(`beside: { hcl: 'path "a" { capabilities = ["read"] }' }`),
      "--concurrency=2",
    );

    // by two at once and ten seconds for each value, this would outlast the run
    expect(outcome.code, outcome.stderr).toBe(3);
    const { troubles } = planOf(outcome);
    expect(troubles).toHaveLength(30);
    expect(troubles[0]).toMatchObject({ exitCode: 3, error: expect.stringContaining("Waiting for the primary") });
    expect(appliedOf(outcome).done).toMatchObject([{ path: "sys/policies/acl/beside" }]);
  });
});

describe("a policy that may not be read", () => {
  it("counts as missing where Vault's list does not name it", async () => {
    ground.proxy.fault(
      { status: 403, errors: ["permission denied"] },
      { method: "GET", path: /^sys\/policies\/acl\/hid/ },
    );
    await ground.ask("PUT", "sys/policies/acl/hidden", { policy: 'path "b" { capabilities = ["read"] }' });
    const policy = '{ hcl: \'path "a" { capabilities = ["read"] }\' }';

    const planned = await ground.run("plan", { "vault.yaml": `policies: { hid: ${policy}, hidden: ${policy} }` });

    expect(planned.code).toBe(5);
    expect(planOf(planned).changes).toMatchObject([{ op: "create", path: "sys/policies/acl/hid" }]);
    expect(planOf(planned).troubles).toMatchObject([{ path: "sys/policies/acl/hidden", exitCode: 5 }]);
  });
});

describe("a configure that is told to stop", () => {
  it("ends at once with exit code 3, says where it stood, and leaves no token behind", async () => {
    ground.proxy.fault({ do: "hang" }, { method: "POST", path: /^sys\/policies\/acl\/stop/ });
    const running = await ground.start("configure", objects("stop"));
    // all else is done
    await expect.poll(running.stderr, { timeout: 30_000 }).toMatch(/stop2\/a.*stop1\/a|stop1\/a.*stop2\/a/s);
    const asked = Date.now();

    running.signal("SIGTERM");
    const outcome = await running.outcome;

    expect(outcome.code, outcome.stderr).toBe(3);
    expect(Date.now() - asked).toBeLessThan(5000);
    expect(appliedOf(outcome).failed).toMatchObject([{ path: "sys/policies/acl/stop", exitCode: 3 }]);
    expect(ground.proxy.requests.at(-1)).toMatch(token);
    await expectNoTokens();
  });
});

describe("two configures at once", () => {
  it("make each value once, and both end well", async () => {
    const files = objects("both");

    const outcomes = await Promise.all([ground.run("configure", files), ground.run("configure", files)]);
    const first = await held("both");
    const again = await ground.run("configure");

    expect(outcomes.map(({ code, stdout, stderr }) => (code === 0 ? 0 : stdout + stderr))).toEqual([0, 0]);
    expect(first.version).toBe(1);
    expect(again.code).toBe(0);
    expect(await held("both")).toEqual(first);
  });

  it("are no danger in the first run either: one retires the root token, the other finds none", async () => {
    const root = await ground.begin();
    const files = desired(ground.vaults.auditFile);
    // the first of them to make the login is overtaken by the other, if it can be
    ground.proxy.fault({ delayMs: 6000 }, { times: 1, method: "GET", path: /^sys\/auth$/ });

    const outcomes = await Promise.all([ground.run("configure", files), ground.run("configure", files)]);
    const planned = await ground.run("plan");

    expect(outcomes.map(({ code, stdout, stderr }) => (code === 0 ? 0 : stdout + stderr))).toEqual([0, 0]);
    expect(planned.code, planned.stdout).toBe(0);
    expect((await ground.askWith(root, "GET", "auth/token/lookup-self")).status).toBe(403);
    await expectNoTokens();
  });
});

describe("a KV value of version 2 that someone deleted", () => {
  it("is made again: what was chance anew, as the next version", async () => {
    const before = await ground.ask("GET", "kvv2/data/webapp/config");
    await ground.ask("DELETE", "kvv2/data/webapp/config");

    const planned = await ground.run("plan", desired(ground.vaults.auditFile));
    const configured = await ground.run("configure");
    const after = await ground.ask("GET", "kvv2/data/webapp/config");

    expect(planOf(planned).changes).toMatchObject([{ op: "create", path: "kvv2/webapp/config" }]);
    expect(configured.code, configured.stderr).toBe(0);
    type Value = { data: { password: string }; metadata: { version: number } };
    const [old, made] = [before.body["data"] as Value, after.body["data"] as Value];
    expect(made.metadata.version).toBe(2);
    expect(made.data.password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(made.data.password).not.toBe(old.data.password);
  });
});

describe("a Vault without the login of vault-hooks", () => {
  it("that refuses generate-root leads to what must be allowed first", async () => {
    await ground.ask("DELETE", "sys/auth/vault-hooks");
    ground.proxy.fault(unsupported, { path: /^sys\/generate-root/ });

    const outcome = await ground.run("configure");

    expect(outcome.code).toBe(5);
    expect(failure(outcome)["todo"]).toContain("this server refuses generate-root without a token: first set");
    expect(failure(outcome)["todo"]).toContain("vault-custody/vault-root-token");
  });
});

describe("a sealed Vault", () => {
  it("is told at once, with exit code 3 and what to run first", async () => {
    await ground.vaults.kill(0);
    await ground.vaults.start(0);
    const asked = Date.now();

    const outcomes = [await ground.run("configure"), await ground.run("plan")];

    for (const outcome of outcomes) {
      expect(outcome.code).toBe(3);
      expect(failure(outcome)["error"]).toContain("none is unsealed: vault-0 is sealed");
      expect(failure(outcome)["todo"]).toContain("Run init, unseal and join first");
    }
    expect(Date.now() - asked).toBeLessThan(15_000);
  });
});
