import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConfigGround, startConfigGround } from "./fixture.ts";
import { appliedOf, desired, planOf } from "./sample.ts";

let ground: ConfigGround;

beforeAll(async () => {
  ground = await startConfigGround("bao");
});
afterAll(() => ground.close());

describe("OpenBao", () => {
  it("is set up from nothing by bootstrap, and the plan after it is empty", async () => {
    const outcome = await ground.run("bootstrap", desired(ground.vaults.auditFile));
    const planned = await ground.run("plan");

    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
    expect(appliedOf(outcome).failed).toEqual([]);
    expect(appliedOf(outcome).done).toHaveLength(11);
    expect(planned.code, planned.stdout + planned.stderr).toBe(0);
    expect(planOf(planned).unchanged).toBe(11);
    expect(await ground.secret("vault-root-token")).toBeUndefined();
  });

  it("tells all policies of a namespace in one answer, once one is missing", async () => {
    const policies = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`many-${i}`, { hcl: 'path "a" { capabilities = ["read"] }' }]),
      );
    const within = (count: number) => ({
      "team.yaml": JSON.stringify({ namespaces: { team: { policies: policies(count) } } }),
    });
    expect((await ground.run("configure", within(1))).code).toBe(0);
    const before = ground.proxy.requests.length;

    const planned = await ground.run("plan", within(60), "--concurrency=4");

    expect(planOf(planned).changes).toHaveLength(59);
    const requests = ground.proxy.requests.slice(before);
    expect(requests.filter((each) => each === "GET team/sys/policies/acl?list=true")).toHaveLength(1);
    const alone = requests.filter((each) => each.startsWith("GET team/sys/policies/acl/many-"));
    // the one that is there, and those under way when the first was missing
    expect(alone.length).toBeGreaterThan(0);
    expect(alone.length).toBeLessThanOrEqual(5);
  });

  it("is put back to what was declared", async () => {
    await ground.ask("POST", "auth/demo-auth-mount/role/role1", {
      bound_service_account_names: "*",
      bound_service_account_namespaces: "*",
      token_ttl: "1h",
    });

    const planned = await ground.run("plan", desired(ground.vaults.auditFile));
    const configured = await ground.run("configure");
    const again = await ground.run("plan");

    expect(planned.code).toBe(10);
    expect(planOf(planned).changes).toMatchObject([{ op: "update", path: "auth/demo-auth-mount/role/role1" }]);
    expect(configured.code, configured.stderr).toBe(0);
    expect(again.code, again.stdout).toBe(0);
  });
});
