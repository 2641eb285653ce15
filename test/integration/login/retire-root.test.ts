import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { holdUp } from "../bring-up/hold-up.ts";
import { type ConfigGround, startConfigGround } from "../configure/fixture.ts";
import { desired, failure, planOf } from "../configure/sample.ts";

let ground: ConfigGround;
let root: string;

beforeAll(async () => {
  ground = await startConfigGround();
});
beforeEach(async () => {
  root = await ground.begin();
});
afterAll(() => ground.close());

const files = () => desired(ground.vaults.auditFile);

/** Whatever went before: one more run makes everything so, and no root token is left. */
async function expectConverged(): Promise<void> {
  ground.proxy.heal();
  const configured = await ground.run("configure", files());
  const planned = await ground.run("plan");

  expect(configured.code, configured.stderr).toBe(0);
  expect(planned.code, planned.stdout + planned.stderr).toBe(0);
  expect(await ground.secret("vault-root-token")).toBeUndefined();
  expect((await ground.askWith(root, "GET", "auth/token/lookup-self")).status).toBe(403);
}

describe("a first configure that is killed", () => {
  it.each([
    ["when it has made half of its login", '"path":"sys/auth/vault-hooks"', true],
    ["when it has made its login", '"path":"auth/vault-hooks/role/configure"', true],
    ["when it has revoked the root token", "revoked the root token", false],
    ["in the middle of what was asked for", '"path":"sys/mounts/kvv2"', false],
  ])("%s is followed by one that converges", async (_, line, alive) => {
    // every step takes long enough to be killed in
    ground.proxy.fault({ delayMs: 200 });
    const running = await ground.start("configure", files());
    await expect.poll(running.stderr, { timeout: 30_000, interval: 5 }).toContain(line);

    running.signal("SIGKILL");
    const { code } = await running.outcome;

    expect(code).toBe(128);
    const lookup = await ground.askWith(root, "GET", "auth/token/lookup-self");
    expect(lookup.status).toBe(alive ? 200 : 403);
    await expectConverged();
  });

  it("between the revocation and the end of its Secret is followed by one that converges", async () => {
    const held = await holdUp(ground.kube, "DELETE", "vault-root-token");
    const first = await ground.run("configure", files());
    await held.lift();

    expect(first.code).toBe(5);
    expect((await ground.secret("vault-root-token"))?.["token"]).toBe(root);
    expect((await ground.askWith(root, "GET", "auth/token/lookup-self")).status).toBe(403);
    await expectConverged();
  });
});

describe("a first configure", () => {
  it("with a mistake in the configuration retires the root token, applies nothing, and ends with exit code 2", async () => {
    const outcome = await ground.run("configure", { ...files(), "more.yaml": "secret: {}" });

    expect(outcome.code, outcome.stderr).toBe(2);
    expect(failure(outcome)["error"]).toContain("more.yaml:1:1: secret: found the unknown key secret");
    expect(outcome.stdout).toBe("");
    expect(await ground.secret("vault-root-token")).toBeUndefined();
    expect((await ground.askWith(root, "GET", "auth/token/lookup-self")).status).toBe(403);
    expect((await ground.ask("GET", "sys/policies/acl/dev")).status).toBe(404);
    await expectConverged();
  });

  it("that never hears that the root token is revoked sees that it is, and goes on in the same run", async () => {
    ground.proxy.fault({ do: "lose" }, { method: "POST", path: /^auth\/token\/revoke-self/ });

    const outcome = await ground.run("configure", files());

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(outcome.stderr).toContain("revoked the root token");
    await expectConverged();
  });
});

describe("the root token's Secret", () => {
  it("of a token that was revoked before there is a login leads to one clear refusal, and is kept", async () => {
    await ground.askWith(root, "POST", "auth/token/revoke-self", {});

    const outcome = await ground.run("configure", files());

    // Vault does not tell a mount that is missing from one that may not be asked
    expect(outcome.code, outcome.stderr).toBe(5);
    expect(failure(outcome)["todo"]).toContain("make a root token from the unseal keys");
    expect(failure(outcome)["todo"]).toContain("which this server allows");
    expect(await ground.secret("vault-root-token")).toBeDefined();
  });

  it("without a token is refused with what to do, and is kept", async () => {
    await ground.kube.kubectl([
      ...["-n", "vault-custody", "patch", "secret", "vault-root-token", "--type=json"],
      '-p=[{"op": "remove", "path": "/data/token"}]',
    ]);

    const outcome = await ground.run("configure", files());

    expect(outcome.code).toBe(5);
    expect(failure(outcome)["error"]).toBe('read Secret vault-custody/vault-root-token: it has no "token"');
    expect(failure(outcome)["todo"]).toContain("Put the root token under that key");
    expect(await ground.secret("vault-root-token")).toBeDefined();
  });

  it("that a person wrote, with a line break at its end, serves as well", async () => {
    const data = JSON.stringify({ stringData: { token: `${root}\n` } });
    await ground.kube.kubectl(["-n", "vault-custody", "patch", "secret", "vault-root-token", `-p=${data}`]);

    await expectConverged();
  });
});

describe("plan before the first configure", () => {
  it("shows all that will be made, with the root token, and writes nothing", async () => {
    const before = ground.proxy.requests.length;

    const planned = await ground.run("plan", files());

    expect(planned.code, planned.stderr).toBe(10);
    expect(planOf(planned).changes).toHaveLength(11);
    expect(planOf(planned).troubles).toEqual([]);
    expect(planned.stdout + planned.stderr).not.toContain(root);
    const requests = ground.proxy.requests.slice(before);
    expect(requests.filter((each) => !each.startsWith("GET "))).toEqual([]);
    expect((await ground.secret("vault-root-token"))?.["token"]).toBe(root);
    await expectConverged();
  });

  it("asks for the names of all policies once one is missing, and not while all are there", async () => {
    const text = 'path "kv/*" { capabilities = ["read"] }';
    const policies = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`many-${i}`, { hcl: text }]));
    const many = { "many.yaml": JSON.stringify({ policies }) };
    const asked = async (command: string, of: RegExp) => {
      const before = ground.proxy.requests.length;
      const ran = await ground.run(command, many, "--concurrency=4");
      const found = ground.proxy.requests.slice(before).filter((each) => of.test(each));
      return { code: ran.code, count: found.length };
    };

    expect(await asked("plan", /acl\?list=true$/)).toEqual({ code: 10, count: 1 });
    // those under way when the first was missing
    const alone = await asked("plan", /acl\/many-/);
    expect(alone.count).toBeGreaterThan(0);
    expect(alone.count).toBeLessThanOrEqual(4);
    expect((await ground.run("configure", many)).code).toBe(0);
    expect(await asked("configure", /acl\?list=true$/)).toEqual({ code: 0, count: 0 });
    expect(await asked("plan", /acl\/many-/)).toEqual({ code: 0, count: 60 });
  });

  it("is refused where that token is gone and no login was made", async () => {
    await ground.kube.kubectl(["-n", "vault-custody", "delete", "secret", "vault-root-token"]);

    const planned = await ground.run("plan", files());

    // outside of the cluster nobody has made the ServiceAccount either
    expect([4, 5]).toContain(planned.code);
    expect(planned.stdout).toBe("");
  });
});
