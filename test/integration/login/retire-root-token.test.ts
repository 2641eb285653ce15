import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { blockSecret } from "../bring-up/block-secret.ts";
import { type ConfigFixture, startConfigFixture } from "../configure/fixture.ts";
import { desired, failure, planOf } from "../configure/sample.ts";

let fixture: ConfigFixture;
let root: string;

beforeAll(async () => {
  fixture = await startConfigFixture();
});
beforeEach(async () => {
  root = await fixture.reset();
});
afterAll(() => fixture.close());

const files = () => desired(fixture.vaults.auditFile);

/** Checks that one more run reaches the desired state and leaves no root token. */
async function expectConverged(): Promise<void> {
  fixture.proxy.clearFaults();
  const configured = await fixture.run("configure", files());
  const planned = await fixture.run("plan");

  expect(configured.code, configured.stderr).toBe(0);
  expect(planned.code, planned.stdout + planned.stderr).toBe(0);
  expect(await fixture.secret("vault-root-token")).toBeUndefined();
  expect((await fixture.requestWith(root, "GET", "auth/token/lookup-self")).status).toBe(403);
}

describe("a first configure that is killed", () => {
  it.each([
    ["after it created half of its login", '"path":"sys/auth/vault-hooks"', true],
    ["after it created its login", '"path":"auth/vault-hooks/role/configure"', true],
    ["after it revoked the root token", "revoked the root token", false],
    ["while it applies the desired state", '"path":"sys/mounts/kvv2"', false],
  ])("%s is followed by one that converges", async (_, line, valid) => {
    // slow enough to kill it within each step
    fixture.proxy.fault({ delayMs: 200 });
    const running = await fixture.start("configure", files());
    await expect.poll(running.stderr, { timeout: 30_000, interval: 5 }).toContain(line);

    running.signal("SIGKILL");
    const { code } = await running.outcome;

    expect(code).toBe(128);
    const lookup = await fixture.requestWith(root, "GET", "auth/token/lookup-self");
    expect(lookup.status).toBe(valid ? 200 : 403);
    await expectConverged();
  });

  it("between the revocation and the deletion of the Secret is followed by one that converges", async () => {
    const held = await blockSecret(fixture.kube, "DELETE", "vault-root-token");
    const first = await fixture.run("configure", files());
    await held.lift();

    expect(first.code).toBe(5);
    expect((await fixture.secret("vault-root-token"))?.["token"]).toBe(root);
    expect((await fixture.requestWith(root, "GET", "auth/token/lookup-self")).status).toBe(403);
    await expectConverged();
  });
});

describe("a first configure", () => {
  it("with an invalid configuration retires the root token, applies nothing, and ends with exit code 2", async () => {
    const outcome = await fixture.run("configure", { ...files(), "more.yaml": "secret: {}" });

    expect(outcome.code, outcome.stderr).toBe(2);
    expect(failure(outcome)["error"]).toContain("more.yaml:1:1: secret: found the unknown key secret");
    expect(outcome.stdout).toBe("");
    expect(await fixture.secret("vault-root-token")).toBeUndefined();
    expect((await fixture.requestWith(root, "GET", "auth/token/lookup-self")).status).toBe(403);
    expect((await fixture.request("GET", "sys/policies/acl/dev")).status).toBe(404);
    await expectConverged();
  });

  it("that loses the answer to the revocation checks the root token and continues in the same run", async () => {
    fixture.proxy.fault({ do: "lose" }, { method: "POST", path: /^auth\/token\/revoke-self/ });

    const outcome = await fixture.run("configure", files());

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(outcome.stderr).toContain("revoked the root token");
    await expectConverged();
  });
});

describe("the root token's Secret", () => {
  it("is kept, and configure says what to do, if the token was revoked before the login was created", async () => {
    await fixture.requestWith(root, "POST", "auth/token/revoke-self", {});

    const outcome = await fixture.run("configure", files());

    // Vault answers the same for a missing mount and for one that may not be used
    expect(outcome.code, outcome.stderr).toBe(5);
    expect(failure(outcome)["todo"]).toContain("make a root token from the unseal keys");
    expect(failure(outcome)["todo"]).toContain("which this server allows");
    expect(await fixture.secret("vault-root-token")).toBeDefined();
  });

  it("is kept, and configure says what to do, if it has no token", async () => {
    await fixture.kube.kubectl([
      ...["-n", "vault-custody", "patch", "secret", "vault-root-token", "--type=json"],
      '-p=[{"op": "remove", "path": "/data/token"}]',
    ]);

    const outcome = await fixture.run("configure", files());

    expect(outcome.code).toBe(5);
    expect(failure(outcome)["error"]).toBe('read Secret vault-custody/vault-root-token: it has no "token"');
    expect(failure(outcome)["todo"]).toContain("Store the root token under that key");
    expect(await fixture.secret("vault-root-token")).toBeDefined();
  });

  it("may have a line break at the end of the token, as a person writes it", async () => {
    const data = JSON.stringify({ stringData: { token: `${root}\n` } });
    await fixture.kube.kubectl(["-n", "vault-custody", "patch", "secret", "vault-root-token", `-p=${data}`]);

    await expectConverged();
  });
});

describe("plan before the first configure", () => {
  it("shows every change, reading with the root token, and writes nothing", async () => {
    const before = fixture.proxy.requests.length;

    const planned = await fixture.run("plan", files());

    expect(planned.code, planned.stderr).toBe(10);
    expect(planOf(planned).changes).toHaveLength(11);
    expect(planOf(planned).troubles).toEqual([]);
    expect(planned.stdout + planned.stderr).not.toContain(root);
    const requests = fixture.proxy.requests.slice(before);
    expect(requests.filter((each) => !each.startsWith("GET "))).toEqual([]);
    expect((await fixture.secret("vault-root-token"))?.["token"]).toBe(root);
    await expectConverged();
  });

  it("lists the policies once if one is missing, and not if all exist", async () => {
    const text = 'path "kv/*" { capabilities = ["read"] }';
    const policies = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`many-${i}`, { hcl: text }]));
    const many = { "many.yaml": JSON.stringify({ policies }) };
    const requests = async (command: string, pattern: RegExp) => {
      const before = fixture.proxy.requests.length;
      const ran = await fixture.run(command, many, "--concurrency=4");
      const found = fixture.proxy.requests.slice(before).filter((each) => pattern.test(each));
      return { code: ran.code, count: found.length };
    };

    expect(await requests("plan", /acl\?list=true$/)).toEqual({ code: 10, count: 1 });
    // the requests in flight when the first was missing
    const single = await requests("plan", /acl\/many-/);
    expect(single.count).toBeGreaterThan(0);
    expect(single.count).toBeLessThanOrEqual(4);
    expect((await fixture.run("configure", many)).code).toBe(0);
    expect(await requests("configure", /acl\?list=true$/)).toEqual({ code: 0, count: 0 });
    expect(await requests("plan", /acl\/many-/)).toEqual({ code: 0, count: 60 });
  });

  it("is refused if custody has no root token and no login was created", async () => {
    await fixture.kube.kubectl(["-n", "vault-custody", "delete", "secret", "vault-root-token"]);

    const planned = await fixture.run("plan", files());

    // outside the cluster the ServiceAccount does not exist either
    expect([4, 5]).toContain(planned.code);
    expect(planned.stdout).toBe("");
  });
});
