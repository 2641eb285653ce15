import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConfigFixture, startConfigFixture } from "../configure/fixture.ts";
import { type Json, warningsOf } from "../configure/sample.ts";

let fixture: ConfigFixture;

beforeAll(async () => {
  fixture = await startConfigFixture("bao");
  await fixture.reset();
});
afterAll(() => fixture.close());

const policies = ["sys/policies/acl/vault-hooks", "sys/policies/acl/vault-hooks-plan"];
const options = {
  expiration: "2099-12-31T23:59:59Z",
  cas_required: true,
  allow_slashes_in_identity_templates: true,
  allow_wildcards_in_identity_templates: true,
};

async function read(path: string): Promise<Json> {
  return (await fixture.request("GET", path)).body["data"] as Json;
}

describe("options of the login's policies, on OpenBao", () => {
  it("that somebody has set are logged by plan and configure, and removed by configure", async () => {
    const first = await fixture.run("configure", { "vault.yaml": "{}" });
    expect([first.code, warningsOf(first)], first.stderr).toEqual([0, []]);
    for (const path of policies) {
      const { policy, version } = await read(path);
      const { status } = await fixture.request("POST", path, { policy, cas: version, ...options });
      expect(status).toBe(204);
    }

    const planned = await fixture.run("plan");
    const configured = await fixture.run("configure");
    const again = await fixture.run("plan");

    const changed = expect.arrayContaining(Object.keys(options));
    for (const outcome of [planned, configured])
      expect(warningsOf(outcome)).toEqual(
        expect.arrayContaining(policies.map((path) => expect.objectContaining({ path, changed }))),
      );
    expect([planned.code, configured.code, again.code], configured.stderr).toEqual([10, 0, 0]);
    expect(warningsOf(again)).toEqual([]);
    for (const path of policies) {
      const live = await read(path);
      expect(live).toMatchObject({ cas_required: false, allow_slashes_in_identity_templates: false });
      expect(live).not.toHaveProperty("expiration");
    }
  });
});
