import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { unsupportedOperation } from "../../helpers/proxy.ts";
import { type ConfigFixture, startConfigFixture } from "./fixture.ts";
import { appliedOf, desired, failure, type Json, planOf } from "./sample.ts";

let fixture: ConfigFixture;

beforeAll(async () => {
  fixture = await startConfigFixture();
  await fixture.reset();
  const { code, stderr } = await fixture.run("configure", { "vault.yaml": "{}" });
  expect(code, stderr).toBe(0);
});
afterEach(() => fixture.proxy.clearFaults());
afterAll(() => fixture.close());

/** A KV mount of each version and a policy, with names that no other test uses. */
function objects(name: string) {
  const value = "{ a: { p: { generate: { length: 24 } }, q: fixed } }";
  return {
    "vault.yaml":
      `policies: { ${name}: { hcl: 'path "a" { capabilities = ["read"] }' } }\n` +
      `secrets:\n  ${name}1: { type: kv, values: ${value} }\n` +
      `  ${name}2: { type: kv, options: { version: "2" }, values: ${value} }\n`,
  };
}

async function storedValues(name: string) {
  const [one, two] = await Promise.all([
    fixture.request("GET", `${name}1/a`),
    fixture.request("GET", `${name}2/data/a`),
  ]);
  const second = two.body["data"] as { data: Json; metadata: { version: number } };
  return { one: one.body["data"] as Json, two: second.data, version: second.metadata.version };
}

const revocation = /^(POST|PUT) auth\/token\/revoke-self$/;

/** Checks that each run has revoked its token: only the one of this request is left. */
async function expectNoTokens(): Promise<void> {
  expect(await countTokens()).toBe(1);
}

/** Counts all tokens in Vault, with that of this request, and also one whose login was answered and whose answer was lost on the way. */
async function countTokens(): Promise<number> {
  const { body } = await fixture.request("LIST", "auth/token/accessors");
  return (body["data"] as { keys: string[] }).keys.length;
}

describe("configure with a failing Vault", () => {
  it.each([
    ["busy", { status: 429 }],
    ["down", { status: 503 }],
    ["broken", { status: 500 }],
    ["slow", { delayMs: 1000 }],
    ["cut", { do: "cut" }],
    ["lost", { do: "lose" }],
  ] as const)("succeeds and generates each value once after one fault of each request: %s", async (name, fault) => {
    // one read and one write fail of each: mounts, policies, values of both versions
    for (const path of [
      /^sys\/mounts\//,
      /^sys\/policies\//,
      new RegExp(`^${name}1/a`),
      new RegExp(`^${name}2/data/`),
    ]) {
      fixture.proxy.fault(fault, { times: 1, method: "POST", path });
      fixture.proxy.fault(fault, { times: 1, method: "GET", path });
    }

    const configured = await fixture.run("configure", objects(name));
    const first = await storedValues(name);
    const again = await fixture.run("configure");
    const planned = await fixture.run("plan");

    expect(configured.code, configured.stdout + configured.stderr).toBe(0);
    expect(again.code).toBe(0);
    expect(planned.code, planned.stdout).toBe(0);
    expect(first.one).toEqual({ p: expect.stringMatching(/^\w{24}$/), q: "fixed" });
    expect(first.version).toBe(1);
    expect(await storedValues(name)).toEqual(first);
  });

  it("ends with exit code 3, names the object and applies all others if one object keeps failing", async () => {
    fixture.proxy.fault(
      { status: 503, errors: ["storage is full"] },
      { method: "POST", path: /^sys\/policies\/acl\/stays/ },
    );

    const outcome = await fixture.run("configure", objects("stays"));

    expect(outcome.code).toBe(3);
    expect(appliedOf(outcome).failed).toMatchObject([
      { path: "sys/policies/acl/stays", exitCode: 3, error: expect.stringContaining("503: storage is full") },
    ]);
    expect(appliedOf(outcome).done).toHaveLength(4);
    await expectNoTokens();
  });

  it("ends with exit code 3 if Vault limits the rate of logins", async () => {
    fixture.proxy.fault({ status: 429, errors: ["rate limit quota exceeded"] }, { path: /^auth\/vault-hooks\/login/ });

    const outcome = await fixture.run("configure");

    expect(outcome.code, outcome.stderr).toBe(3);
    expect(failure(outcome)["error"]).toContain("429: rate limit quota exceeded");
  });

  it("retries a login that Vault denies without a reason, as it does if the API server is slow", async () => {
    const refused = { status: 403, errors: ["permission denied"] };
    fixture.proxy.fault(refused, { times: 4, path: /^auth\/vault-hooks\/login/ });

    const outcome = await fixture.run("configure", { "vault.yaml": "{}" });

    expect(outcome.code, outcome.stderr).toBe(0);
  });

  it("does not retry a login that Vault denies with a reason", async () => {
    const refused = { status: 403, errors: ["service account name not authorized"] };
    fixture.proxy.fault(refused, { times: 1, path: /^auth\/vault-hooks\/login/ });

    const outcome = await fixture.run("configure");

    expect(outcome.code, outcome.stderr).toBe(5);
    expect(failure(outcome)["error"]).toContain("service account name not authorized");
  });

  it("ends with exit code 4 and does not write if Vault answers in an unknown format", async () => {
    await fixture.request("PUT", "sys/policies/acl/odd", { policy: 'path "b" { capabilities = ["read"] }' });
    fixture.proxy.fault({ status: 200 }, { method: "GET", path: /^sys\/policies\/acl\/odd/ });

    const outcome = await fixture.run("configure", objects("odd"));

    expect(outcome.code).toBe(4);
    expect(planOf(outcome).troubles).toMatchObject([
      { path: "sys/policies/acl/odd", error: expect.stringContaining("the response has an unknown format") },
    ]);
    expect(fixture.proxy.countForwarded("POST", /^sys\/policies\/acl\/odd/)).toBe(0);
  });
});

describe("a login that is not answered by the leader of Vault", () => {
  it("is repeated while a standby answers 307, and succeeds", async () => {
    fixture.proxy.fault({ status: 307 }, { times: 3, path: /^auth\/vault-hooks\/login/ });

    const outcome = await fixture.run("configure", { "vault.yaml": "{}" });

    expect(outcome.code, outcome.stderr).toBe(0);
  });

  it.each([
    ["a standby keeps answering 307", { status: 307 }],
    ["a proxy answers with a page", { status: 502 }],
  ])("ends with exit code 3 and without advice about the login if %s", async (_, fault) => {
    fixture.proxy.fault(fault, { path: /^auth\/vault-hooks\/login/ });

    const outcomes = [await fixture.run("configure"), await fixture.run("plan")];

    for (const outcome of outcomes) {
      expect(outcome.code, outcome.stderr).toBe(3);
      expect(failure(outcome)["todo"]).toContain("once Vault has recovered");
      expect(outcome.stderr).not.toMatch(/generate-root|enable_unauthenticated_access/);
    }
  });

  it("is not explained by a missing login if the answer is not Vault's", async () => {
    fixture.proxy.fault({ edit: () => "<html>Forbidden</html>" }, { path: /^auth\/vault-hooks\/login/ });
    const page = await fixture.run("configure");
    fixture.proxy.clearFaults();
    fixture.proxy.fault({ status: 405, errors: ["method not allowed"] }, { path: /^auth\/vault-hooks\/login/ });
    const other = await fixture.run("configure");

    expect([page.code, other.code]).toEqual([3, 5]);
    expect(page.stderr + other.stderr).not.toMatch(/generate-root|enable_unauthenticated_access/);
  });
});

describe("a KV mount whose upgrade to version 2 takes long", () => {
  const upgrading = { status: 400, errors: ["Upgrading from non-versioned to versioned data."] };
  const tenNames = (prefix: string) => Array.from({ length: 10 }, (_, i) => `${prefix}${i}`);
  const text = JSON.stringify({ hcl: 'path "a" { capabilities = ["read"] }' });
  const filesFor = (name: string) => {
    const values = tenNames("v").map((value) => `${value}: { k: v }`);
    const policies = tenNames(name).map((policy) => `${policy}: ${text}`);
    const mount = `{ type: kv, options: { version: "2" }, values: { ${values} } }`;
    return { "vault.yaml": `policies: { ${policies} }\nsecrets: { ${name}: ${mount} }` };
  };

  it("is polled by one request, while everything outside it is applied", async () => {
    fixture.proxy.fault(upgrading, { method: "GET", path: /^late\/config/, times: 12 });
    const start = fixture.proxy.requests.length;

    const outcome = await fixture.run("configure", filesFor("late"), "--concurrency=2");

    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
    const requests = fixture.proxy.requests.slice(start);
    const ready = requests.lastIndexOf("GET late/config");
    const [before, after] = [requests.slice(0, ready), requests.slice(ready)];
    expect(before.filter((each) => /^POST sys\/policies\/acl\/late/.test(each))).toHaveLength(10);
    expect(before.filter((each) => /late\/data/.test(each))).toEqual([]);
    expect(after.filter((each) => /^POST late\/data/.test(each))).toHaveLength(10);
  });

  it("fails with exit code 3 if it takes longer than the timeout, and the rest is applied", async () => {
    fixture.proxy.fault(upgrading, { method: "GET", path: /^later\/config/ });

    const outcome = await fixture.run("configure", filesFor("later"), "--timeout=15s");

    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(3);
    const { failed, blocked, done } = appliedOf(outcome);
    expect(failed).toMatchObject([
      { path: "sys/mounts/later", exitCode: 3, error: expect.stringContaining("Upgrading from non-versioned") },
    ]);
    expect(blocked).toHaveLength(10);
    expect(done).toHaveLength(10);
  });
});

describe("values in a KV mount that does not become ready", () => {
  it("are waited for once for all of them, fail with exit code 3, and the rest is applied", async () => {
    const values = Array.from({ length: 30 }, (_, i) => `v${i}: { k: v }`);
    const files = (policies: string) => ({
      "vault.yaml": `policies: { ${policies} }\nsecrets: { stuck: { type: kv, options: { version: "2" }, values: { ${values} } } }`,
    });
    expect((await fixture.run("configure", files(""))).code).toBe(0);
    fixture.proxy.fault(
      { status: 400, errors: ["Waiting for the primary to upgrade from non-versioned to versioned data."] },
      { path: /^stuck\/data/ },
    );

    const outcome = await fixture.run(
      "configure",
      files(`beside: { hcl: 'path "a" { capabilities = ["read"] }' }`),
      "--concurrency=2",
    );

    // waiting ten seconds for each value, two at a time, would exceed the timeout
    expect(outcome.code, outcome.stderr).toBe(3);
    const { troubles } = planOf(outcome);
    expect(troubles).toHaveLength(30);
    expect(troubles[0]).toMatchObject({ exitCode: 3, error: expect.stringContaining("Waiting for the primary") });
    expect(appliedOf(outcome).done).toMatchObject([{ path: "sys/policies/acl/beside" }]);
  });
});

describe("a policy that may not be read", () => {
  it("counts as missing if Vault's list does not have it", async () => {
    fixture.proxy.fault(
      { status: 403, errors: ["permission denied"] },
      { method: "GET", path: /^sys\/policies\/acl\/hid/ },
    );
    await fixture.request("PUT", "sys/policies/acl/hidden", { policy: 'path "b" { capabilities = ["read"] }' });
    const policy = '{ hcl: \'path "a" { capabilities = ["read"] }\' }';

    const planned = await fixture.run("plan", { "vault.yaml": `policies: { hid: ${policy}, hidden: ${policy} }` });

    expect(planned.code).toBe(5);
    expect(planOf(planned).changes).toMatchObject([{ op: "create", path: "sys/policies/acl/hid" }]);
    expect(planOf(planned).troubles).toMatchObject([{ path: "sys/policies/acl/hidden", exitCode: 5 }]);
  });
});

describe("a configure that receives SIGTERM", () => {
  it("ends at once with exit code 3, prints its outcome and revokes its token", async () => {
    const before = await countTokens();
    fixture.proxy.fault({ do: "hang" }, { method: "POST", path: /^sys\/policies\/acl\/stop/ });
    const running = await fixture.start("configure", objects("stop"));
    // everything else is applied
    await expect.poll(running.stderr, { timeout: 30_000 }).toMatch(/stop2\/a.*stop1\/a|stop1\/a.*stop2\/a/s);
    const started = Date.now();

    running.signal("SIGTERM");
    const outcome = await running.outcome;

    expect(outcome.code, outcome.stderr).toBe(3);
    expect(Date.now() - started).toBeLessThan(5000);
    expect(appliedOf(outcome).failed).toMatchObject([{ path: "sys/policies/acl/stop", exitCode: 3 }]);
    expect(fixture.proxy.requests.at(-1)).toMatch(revocation);
    expect(await countTokens()).toBe(before);
  });
});

describe("two concurrent configures", () => {
  it("generate each value once, and both succeed", async () => {
    const files = objects("both");

    const outcomes = await Promise.all([fixture.run("configure", files), fixture.run("configure", files)]);
    const first = await storedValues("both");
    const again = await fixture.run("configure");

    expect(outcomes.map(({ code, stdout, stderr }) => (code === 0 ? 0 : stdout + stderr))).toEqual([0, 0]);
    expect(first.version).toBe(1);
    expect(again.code).toBe(0);
    expect(await storedValues("both")).toEqual(first);
  });

  it("both succeed as the first run, and one of them retires the root token", async () => {
    const root = await fixture.reset();
    const files = desired(fixture.vaults.auditFile);
    // delays the first run that creates the login, so that the other could overtake it
    fixture.proxy.fault({ delayMs: 6000 }, { times: 1, method: "GET", path: /^sys\/auth$/ });

    const outcomes = await Promise.all([fixture.run("configure", files), fixture.run("configure", files)]);
    const planned = await fixture.run("plan");

    expect(outcomes.map(({ code, stdout, stderr }) => (code === 0 ? 0 : stdout + stderr))).toEqual([0, 0]);
    expect(planned.code, planned.stdout).toBe(0);
    expect((await fixture.requestWith(root, "GET", "auth/token/lookup-self")).status).toBe(403);
    await expectNoTokens();
  });
});

describe("a KV version 2 value that was deleted by hand", () => {
  it("is written as the next version, with a newly generated password", async () => {
    const before = await fixture.request("GET", "kvv2/data/webapp/config");
    await fixture.request("DELETE", "kvv2/data/webapp/config");

    const planned = await fixture.run("plan", desired(fixture.vaults.auditFile));
    const configured = await fixture.run("configure");
    const after = await fixture.request("GET", "kvv2/data/webapp/config");

    expect(planOf(planned).changes).toMatchObject([{ op: "create", path: "kvv2/webapp/config" }]);
    expect(configured.code, configured.stderr).toBe(0);
    type Value = { data: { password: string }; metadata: { version: number } };
    const [old, made] = [before.body["data"] as Value, after.body["data"] as Value];
    expect(made.metadata.version).toBe(2);
    expect(made.data.password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(made.data.password).not.toBe(old.data.password);
  });
});

describe("a configure without its login", () => {
  it("says what to allow first if the server refuses generate-root", async () => {
    await fixture.request("DELETE", "sys/auth/vault-hooks");
    fixture.proxy.fault(unsupportedOperation, { path: /^sys\/generate-root/ });

    const outcome = await fixture.run("configure");

    expect(outcome.code).toBe(5);
    expect(failure(outcome)["todo"]).toContain("this server refuses generate-root without a token: first allow it");
    expect(failure(outcome)["todo"]).toContain("vault-custody/vault-root-token");
  });

  it("does not advise to open generate-root if the server's answer does not say that it refuses", async () => {
    fixture.proxy.fault({ status: 307 }, { path: /^sys\/generate-root/ });

    const outcome = await fixture.run("configure");

    expect(outcome.code).toBe(5);
    expect(failure(outcome)["todo"]).toContain("`vault operator generate-root`; see docs/runbook.md");
    expect(failure(outcome)["todo"]).not.toContain("enable_unauthenticated_access");
  });
});

describe("a sealed Vault", () => {
  it("is reported at once, with exit code 3 and the commands to run first", async () => {
    await fixture.vaults.kill(0);
    await fixture.vaults.start(0);
    const started = Date.now();

    const outcomes = [await fixture.run("configure"), await fixture.run("plan")];

    for (const outcome of outcomes) {
      expect(outcome.code).toBe(3);
      expect(failure(outcome)["error"]).toContain("none is unsealed: vault-0 is sealed");
      expect(failure(outcome)["todo"]).toContain("Run init, unseal and join first");
    }
    expect(Date.now() - started).toBeLessThan(15_000);
  });
});
