import type { V1Secret } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import type { HealthStatus } from "../../../src/health/vault-health.ts";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import type { Api, KubeObject } from "../support/api.ts";
import { application, converged } from "../support/argo.ts";
import { type ShownHealth, shownHealth } from "../support/argo-server.ts";
import { commit, undo } from "../support/edit.ts";
import { allUnsealed, chooseStandby, whileNobodyUnseals } from "../support/members.ts";
import { withVault } from "../support/vault.ts";
import type { World } from "../support/world.ts";

const timeoutMs = 300_000;
const health = "/apis/vault-hooks.dev/v1alpha1/namespaces/vault-watch/vaulthealths/vault";
const keys = "/api/v1/namespaces/vault-custody/secrets";
const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
const addition = '\npath "kvv2/data/while-red/*" {\n  capabilities = ["read"]\n}\n';

/** Argo CD shows what is wrong, and the signal does not keep Git from repairing it. */
export function redSignal(world: () => World): void {
  test("one object shows the members, the leader and the last run of each hook, those of the installation too", async () => {
    const { api } = world();

    const { hooks = {}, ...report } = await stored(api);

    expect(Object.values(hooks).map(({ exitCode }) => exitCode)).toEqual(Object.keys(hooks).map(() => 0));
    expect(Object.keys(hooks)).toEqual(expect.arrayContaining(["init", "unseal", "join", "configure"]));
    expect(report).toMatchObject({ members: "3/3", sealed: 0, drift: "none", problems: [] });
    expect(report.leader).toMatch(/^vault-\d$/);
    expect(await shownHealth(api, "vault-health", "VaultHealth")).toMatchObject({ status: "Healthy" });
  });

  describe("the signal is red with its reason", () => {
    test("30 s after a hook gave up, and the commit that repairs it and changes a policy goes through", async () => {
      const { api } = world();
      const broken = [
        {
          file: "hooks/config/policies.yaml",
          from: "  dev:\n    file: policies/dev.hcl\n",
          to: "  dev:\n    fil: policies/dev.hcl\n",
        },
      ];
      await commit(api, "Break: a misspelt key", broken);
      const red = await turnsRed(api);
      const { hooks } = await stored(api);
      const after = red.at - Date.parse(hooks?.configure?.finishedAt ?? "");

      const last = 'path "kvv2/metadata/webapp/*" {\n  capabilities = ["read"]\n}\n';
      const policy = { file: "hooks/config/policies/dev.hcl", from: last, to: last + addition };
      const repairing = await commit(api, "Repair, and change a policy", [...undo(broken), policy]);
      const green = await turnsGreen(api);
      await converged(api, repairing, timeoutMs);

      console.log(`hook gave up: red after ${seconds(after)}, green ${seconds(green - red.at)} later, by Git alone`);
      expect(hooks?.configure).toMatchObject({ exitCode: 2, message: expect.stringContaining("fil") });
      expect(red.shown.message).toMatch(/^configure ended with exit code 2: .*fil/s);
      expect(after).toBeLessThan(30_000);
      const live = await withVault(api, async (vault) => await vault.read("sys/policies/acl/dev"));
      expect(JSON.stringify(live)).toContain("kvv2/data/while-red/*");
    });

    test("30 s after a member has been sealed for 30 s, and green once it is unsealed", async () => {
      const { api } = world();
      const { sealed } = await chooseStandby(api);
      const { from, red } = await whileNobodyUnseals(async () => {
        await api.remove(`/api/v1/namespaces/vault/pods/${sealed}`);
        const at = Date.now();
        return { from: at, red: await turnsRed(api) };
      });
      const released = Date.now();
      const green = await turnsGreen(api);
      await allUnsealed(api);

      console.log(
        `${sealed} sealed: red after ${seconds(red.at - from)}, green ${seconds(green - released)} after the Lease is free`,
      );
      expect(red.shown.message).toContain(`${sealed} `);
      expect(red.shown.message).toMatch(/sealed/);
      expect(red.at - from).toBeLessThan(60_000);
      expect(green - released).toBeLessThan(30_000);
    });

    test("30 s after the keys are gone; meanwhile commits go through, and with the keys it is green again", async () => {
      const { api } = world();
      const taken = await takeKeys(api);
      const from = Date.now();
      const red = await turnsRed(api);

      const edits = [
        {
          file: "apps/guestbook.yaml",
          from: "  description: The first sample of Argo CD's tutorial\n",
          to: "  description: Changed while the signal is red\n",
        },
        {
          file: "apps/guestbook/deployment.yaml",
          from: "  replicas: 1\n",
          to: "  replicas: 1\n  minReadySeconds: 1\n",
        },
      ];
      await commit(api, "Change the root's own objects and a workload", edits);
      await changed(api);
      const during = await application(api, "vault-health");
      await api.post(keys, taken);
      const restored = Date.now();
      const green = await turnsGreen(api);
      await converged(api, await commit(api, "Undo", undo(edits)), timeoutMs);

      console.log(
        `keys gone: red after ${seconds(red.at - from)}, green ${seconds(green - restored)} after their return`,
      );
      expect(red.at - from).toBeLessThan(30_000);
      expect(red.shown.message).toMatch(/Secret vault-custody\/vault-unseal-keys does not exist.*Restore/);
      expect(during.status?.health?.status).toBe("Degraded");
      expect(green - restored).toBeLessThan(30_000);
    });
  });
}

async function stored(api: Api): Promise<HealthStatus> {
  return (await api.get<KubeObject & { status?: HealthStatus }>(health)).status ?? {};
}

/** Waits until Argo CD shows the Application as Degraded, and its object with a reason. @returns the time, and what it shows */
async function turnsRed(api: Api): Promise<{ readonly at: number; readonly shown: ShownHealth }> {
  return await until("vault-health to be Degraded", deadlineIn(timeoutMs), async () => {
    const { status } = await application(api, "vault-health");
    if (status?.health?.status !== "Degraded") return undefined;
    const shown = await shownHealth(api, "vault-health", "VaultHealth");
    return shown?.status === "Degraded" ? { at: Date.now(), shown } : undefined;
  });
}

async function turnsGreen(api: Api): Promise<number> {
  return await until("vault-health to be Healthy", deadlineIn(timeoutMs), async () => {
    const { status } = await application(api, "vault-health");
    return status?.health?.status === "Healthy" ? Date.now() : undefined;
  });
}

/** Waits until the root's object and the workload have the values of the commit. */
async function changed(api: Api): Promise<void> {
  type Project = KubeObject & { spec: { description: string } };
  type Deployment = KubeObject & { spec: { minReadySeconds?: number } };
  await until("the commit to go through while the signal is red", deadlineIn(timeoutMs), async () => {
    const project = await api.get<Project>("/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects/guestbook");
    const workload = await api.get<Deployment>("/apis/apps/v1/namespaces/guestbook/deployments/guestbook-ui");
    const done = /while the signal is red/.test(project.spec.description) && workload.spec.minReadySeconds === 1;
    return done ? true : undefined;
  });
}

/**
 * Deletes the keys, as nobody may: a cluster administrator has to remove what protects them first, again and again, because Argo CD
 * brings it back.
 *
 * @returns a Secret with the same keys
 */
async function takeKeys(api: Api): Promise<object> {
  const { metadata, data, type, ...more } = await api.get<V1Secret>(`${keys}/vault-unseal-keys`);
  await until("the keys to be deleted", deadlineIn(60_000), async () => {
    const protecting = (await api.list(policies)).filter(
      ({ metadata: { name } }) => name === "protect-custody.vault-custody",
    );
    for (const { metadata: binding } of protecting) await api.remove(`${policies}/${binding.name}`);
    return await api.remove(`${keys}/vault-unseal-keys`).then(
      () => true,
      () => undefined,
    );
  });
  const { name, namespace, annotations, labels } = metadata ?? {};
  return {
    kind: "Secret",
    apiVersion: "v1",
    immutable: more.immutable,
    metadata: { name, namespace, annotations, labels },
    type,
    data,
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
