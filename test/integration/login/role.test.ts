import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConfigFixture, startConfigFixture } from "../configure/fixture.ts";
import { type Json, warningsOf } from "../configure/sample.ts";

const role = "auth/vault-hooks/role/configure";

/** Fields that somebody may add beside those that give the login its rights. */
const added = {
  bound_service_account_namespace_selector: '{"matchLabels":{"team":"others"}}',
  alias_name_source: "serviceaccount_name",
  token_bound_cidrs: ["0.0.0.0/0"],
  token_explicit_max_ttl: "20h",
  token_num_uses: 9000,
  token_period: "10h",
};

describe.each(["vault", "bao"] as const)("a field that somebody has added to the role of configure, on %s", (kind) => {
  let fixture: ConfigFixture;

  beforeAll(async () => {
    fixture = await startConfigFixture(kind);
    await fixture.reset();
  });
  afterAll(() => fixture.close());

  it("is logged by plan and configure, and removed by configure", async () => {
    const first = await fixture.run("configure", { "vault.yaml": "{}" });
    const before = await read(fixture);
    const { status } = await fixture.request("POST", role, { ...before, ...added });

    const planned = await fixture.run("plan");
    const configured = await fixture.run("configure");
    const again = await fixture.run("plan");

    expect([first.code, first.stderr.includes('"level":"warn"')], first.stderr).toEqual([0, false]);
    expect(status).toBe(204);
    const changed = expect.arrayContaining(Object.keys(added).filter((field) => Object.hasOwn(before, field)));
    for (const outcome of [planned, configured])
      expect(warningsOf(outcome)).toContainEqual(expect.objectContaining({ path: role, changed }));
    expect([planned.code, configured.code, again.code], configured.stderr).toEqual([10, 0, 0]);
    expect(await read(fixture)).toEqual(before);
  });
});

async function read(fixture: ConfigFixture): Promise<Json> {
  return (await fixture.request("GET", role)).body["data"] as Json;
}
