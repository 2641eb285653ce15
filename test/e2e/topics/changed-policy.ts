import { expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { converged } from "../support/argo.ts";
import { accountOf, readAudit, writesOf } from "../support/audit.ts";
import { commit } from "../support/edit.ts";
import { withVault } from "../support/vault.ts";
import { hookLogs, type World } from "../support/world.ts";

const path = "sys/policies/acl/dev";
const addition = '\npath "kvv2/data/pushed/*" {\n  capabilities = ["read"]\n}\n';

/** A policy that changes in Git is shown as a plan before it is written, and nothing else is written. */
export function changedPolicy(world: () => World): void {
  test("a pushed change to a policy is shown as a plan in the hook's log, and nothing else is written", async () => {
    const { api } = world();
    const last = 'path "kvv2/metadata/webapp/*" {\n  capabilities = ["read"]\n}\n';
    const from = new Date().toISOString();

    const made = await commit(api, "Let dev read what is pushed", [
      { file: "hooks/config/policies/dev.hcl", from: last, to: last + addition },
    ]);
    await converged(api, made, 180_000);

    const policy = await withVault(api, async (vault) => (await vault.read(path))?.["data"] as { policy: string });
    expect(policy.policy).toContain("kvv2/data/pushed/*");
    expect(planned(await planIn(world()))).toMatchObject([{ op: "update", path }]);
    const audited = (await readAudit(api)).filter(({ time }) => time > from);
    const wrote = writesOf(audited).filter((entry) => accountOf(entry).includes("vault-hooks-configure"));
    const others = wrote.map(({ request }) => request.path).filter((each) => !/^(auth|sys\/capabilities)/.test(each));
    expect(others).toEqual([path]);
  });
}

/** @returns the last plan with an update that a configure hook has printed; logs are kept once a pod has ended */
async function planIn(world: World): Promise<string> {
  return await until("the plan in the hook's log", deadlineIn(30_000), async () =>
    hookLogs(world, "vault-configure")
      .split("\n")
      .findLast((line) => line.startsWith('{"plan"') && line.includes('"op":"update"')),
  );
}

function planned(line: string): unknown[] {
  return (JSON.parse(line) as { plan: { changes: unknown[] } }).plan.changes;
}
