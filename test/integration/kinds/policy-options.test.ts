import { describe, expect, it } from "vitest";
import { ExitCode } from "../../../src/errors.ts";
import { createLogger } from "../../../src/logger.ts";
import { apply } from "../../../src/plan-apply/apply.ts";
import type { Plan } from "../../../src/plan-apply/plan.ts";
import { concurrency, configure, failuresIn, itemsIn, linesOf, planOf, useKindServer } from "./harness/fixture.ts";

const rule = (capability: string) => `path "a" { capabilities = ["${capability}"] }`;
const all = {
  allow_slashes_in_identity_templates: true,
  allow_wildcards_in_identity_templates: true,
  cas_required: true,
  expiration: "2099-12-31T23:59:59Z",
};

function declared(name: string, capability: string, options: object = {}) {
  return itemsIn(JSON.stringify({ policies: { [name]: { hcl: rule(capability), ...options } } }));
}

describe("options of a policy, on OpenBao", () => {
  const server = useKindServer("bao");
  const write = (name: string, data: Record<string, unknown>) => server.vault.write(`sys/policies/acl/${name}`, data);
  async function read(name: string): Promise<unknown> {
    return (await server.vault.read(`sys/policies/acl/${name}`))?.["data"];
  }
  const log = createLogger({ level: "silent", output: "json", color: false }, () => undefined);
  const applyTo = (planned: Plan) => apply(server.vault, planned, { log, concurrency, exclusively: (act) => act() });

  it("stay as they are if they are not declared and the text is written, with and without cas_required", async () => {
    await write("kept", { policy: rule("read"), ...all, cas: -1 });

    const { plan, applied } = await configure(server.vault, declared("kept", "list"));

    expect(linesOf(plan)).toEqual(["update sys/policies/acl/kept: policy"]);
    expect(failuresIn(applied)).toEqual([]);
    expect(await read("kept")).toMatchObject({ policy: rule("list"), ...all, version: 2 });
    expect(linesOf(await planOf(server.vault, declared("kept", "list")))).toEqual([]);
  });

  it("are written and compared if they are declared, and can be taken back", async () => {
    const off = { cas_required: false, expiration: "", allow_slashes_in_identity_templates: false };

    const first = await configure(server.vault, declared("own", "read", all));
    const again = await planOf(server.vault, declared("own", "read", all));
    const second = await configure(server.vault, declared("own", "read", off));

    expect([...failuresIn(first.applied), ...failuresIn(second.applied)]).toEqual([]);
    expect(linesOf(again)).toEqual([]);
    expect(linesOf(second.plan)).toEqual([
      "update sys/policies/acl/own: cas_required, expiration, allow_slashes_in_identity_templates",
    ]);
    const { expiration: _, ...flags } = { ...off, allow_wildcards_in_identity_templates: true };
    expect(await read("own")).toMatchObject(flags);
    expect(await read("own")).not.toHaveProperty("expiration");
    expect(linesOf(await planOf(server.vault, declared("own", "read", off)))).toEqual([]);
  });

  it("are not overwritten with the values of the plan if somebody has changed them since", async () => {
    await write("raced", { policy: rule("read") });
    const planned = await planOf(server.vault, declared("raced", "list"));
    await write("raced", { policy: rule("read"), ...all, cas: 1 });

    const applied = await applyTo(planned);

    expect(failuresIn(applied)).toEqual([expect.stringContaining("somebody else has written the policy")]);
    expect(applied.failed[0]?.error.exitCode).toBe(ExitCode.notReady);
    expect(await read("raced")).toMatchObject(all);
    expect(failuresIn((await configure(server.vault, declared("raced", "list"))).applied)).toEqual([]);
    expect(await read("raced")).toMatchObject({ policy: rule("list"), ...all });
  });

  it("are not overwritten, nor is the text, if somebody has created the policy since the plan", async () => {
    const planned = await planOf(server.vault, declared("new", "list"));
    await write("new", { policy: rule("read"), expiration: all.expiration });

    const applied = await applyTo(planned);

    expect(failuresIn(applied)).toEqual([expect.stringContaining("somebody else has written the policy")]);
    expect(applied.failed[0]?.error.exitCode).toBe(ExitCode.notReady);
    expect(await read("new")).toMatchObject({ policy: rule("read"), expiration: all.expiration, version: 1 });
    expect(failuresIn((await configure(server.vault, declared("new", "list"))).applied)).toEqual([]);
    expect(await read("new")).toMatchObject({ policy: rule("list"), expiration: all.expiration });
  });

  it("include an expiration after which configure creates the policy again, though OpenBao stores it until a read", async () => {
    await write("expiring", { policy: rule("read"), ttl: "1s" });
    const { expiration } = (await read("expiring")) as { expiration: string };
    await expect.poll(() => Date.now(), { timeout: 10_000 }).toBeGreaterThan(Date.parse(expiration));

    const { plan, applied } = await configure(server.vault, declared("expiring", "read"));

    expect(linesOf(plan)).toEqual(["create sys/policies/acl/expiring: policy"]);
    expect(failuresIn(applied)).toEqual([]);
    expect(await read("expiring")).not.toHaveProperty("expiration");
  });
});

describe("options of a policy, on Vault", () => {
  const server = useKindServer("vault");

  it("make configure fail and name them, after Vault has stored the text", async () => {
    const { applied } = await configure(server.vault, declared("own", "read", all));

    expect(failuresIn(applied)).toEqual([
      expect.stringMatching(
        /Vault \S+ did not keep allow_slashes\w+, allow_wildcards\w+, cas_required, expiration of the policy$/,
      ),
    ]);
    const live = (await server.vault.read("sys/policies/acl/own"))?.["data"];
    expect(live).toMatchObject({ policy: rule("read") });
  });
});
