import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConfigFixture, startConfigFixture } from "./fixture.ts";
import { appliedOf, desired, planOf } from "./sample.ts";

let fixture: ConfigFixture;

beforeAll(async () => {
  fixture = await startConfigFixture("bao");
});
afterAll(() => fixture.close());

describe("OpenBao", () => {
  it("is initialised and configured by one bootstrap, and the next plan is empty", async () => {
    const outcome = await fixture.run("bootstrap", desired(fixture.vaults.auditFile));
    const planned = await fixture.run("plan");

    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
    expect(appliedOf(outcome).failed).toEqual([]);
    expect(appliedOf(outcome).done).toHaveLength(11);
    expect(planned.code, planned.stdout + planned.stderr).toBe(0);
    expect(planOf(planned).unchanged).toBe(11);
    expect(await fixture.secret("vault-root-token")).toBeUndefined();
  });

  it("lists the policies of a namespace in one request once one is missing", async () => {
    const policies = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`many-${i}`, { hcl: 'path "a" { capabilities = ["read"] }' }]),
      );
    const within = (count: number) => ({
      "team.yaml": JSON.stringify({ namespaces: { team: { policies: policies(count) } } }),
    });
    expect((await fixture.run("configure", within(1))).code).toBe(0);
    const before = fixture.proxy.requests.length;

    const planned = await fixture.run("plan", within(60), "--concurrency=4");

    expect(planOf(planned).changes).toHaveLength(59);
    const requests = fixture.proxy.requests.slice(before);
    expect(requests.filter((each) => each === "GET team/sys/policies/acl?list=true")).toHaveLength(1);
    const single = requests.filter((each) => each.startsWith("GET team/sys/policies/acl/many-"));
    // the policy that exists, and the requests in flight when the first was missing
    expect(single.length).toBeGreaterThan(0);
    expect(single.length).toBeLessThanOrEqual(5);
  });

  it("is reset to the desired state after a change by hand", async () => {
    await fixture.request("POST", "auth/demo-auth-mount/role/role1", {
      bound_service_account_names: "*",
      bound_service_account_namespaces: "*",
      token_ttl: "1h",
    });

    const planned = await fixture.run("plan", desired(fixture.vaults.auditFile));
    const configured = await fixture.run("configure");
    const again = await fixture.run("plan");

    expect(planned.code).toBe(10);
    expect(planOf(planned).changes).toMatchObject([{ op: "update", path: "auth/demo-auth-mount/role/role1" }]);
    expect(configured.code, configured.stderr).toBe(0);
    expect(again.code, again.stdout).toBe(0);
  });

  it("counts a policy with cas_required as written when the response was lost", async () => {
    const guarded = (capability: string) => ({
      "guarded.yaml": JSON.stringify({
        policies: { guarded: { hcl: `path "a" { capabilities = ["${capability}"] }`, cas_required: true } },
      }),
    });
    for (const [capability, version] of [
      ["read", 1],
      ["list", 2],
    ] as const) {
      fixture.proxy.fault({ do: "lose" }, { times: 1, method: "POST", path: /^sys\/policies\/acl\/guarded/ });

      const configured = await fixture.run("configure", guarded(capability));

      expect(configured.code, configured.stdout + configured.stderr).toBe(0);
      const { body } = await fixture.request("GET", "sys/policies/acl/guarded");
      expect(body["data"]).toMatchObject({ policy: expect.stringContaining(capability), cas_required: true, version });
    }
  });

  // the last test, since it removes the login
  it("refuses generate-root, and configure says what to allow first if its login is gone", async () => {
    await fixture.request("DELETE", "sys/auth/vault-hooks");

    const outcome = await fixture.run("configure");

    expect(outcome.code).toBe(5);
    expect(outcome.stderr).toContain("in OpenBao with disable_unauthed_generate_root_endpoints = false");
  });
});
