import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConfigGround, startConfigGround } from "./ground.ts";
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

  it("is put back to what was declared", async () => {
    await ground.ask("POST", "auth/demo-auth-mount/role/role1", {
      bound_service_account_names: "*",
      bound_service_account_namespaces: "*",
      token_ttl: "1h",
    });

    const planned = await ground.run("plan");
    const configured = await ground.run("configure");
    const again = await ground.run("plan");

    expect(planned.code).toBe(10);
    expect(planOf(planned).changes).toMatchObject([{ op: "update", path: "auth/demo-auth-mount/role/role1" }]);
    expect(configured.code, configured.stderr).toBe(0);
    expect(again.code, again.stdout).toBe(0);
  });
});
