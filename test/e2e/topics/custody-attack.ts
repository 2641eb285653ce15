import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { kubectl, publish, workDir } from "../../cluster/cluster.ts";
import type { Api } from "../support/api.ts";
import { announce, application, converged } from "../support/argo.ts";
import { cascade, custodyObjects, endAttack, pruneCustody, takeOver } from "../support/attack.ts";
import { commit, undo } from "../support/edit.ts";
import { runSource } from "../support/programs.ts";
import type { World } from "../support/world.ts";

const applications = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications";
const bindings = ["protect-custody.vault-custody", "protect-keys.vault-custody"];
const timeoutMs = 300_000;

/** Every way in which a commit, a prune, a cascade or a person's slip would delete custody. */
export function custodyAttack(world: () => World): void {
  describe("custody is not deleted", () => {
    let before: object[];

    beforeAll(async () => {
      before = await custodyObjects(world().api);
    });
    const expectKept = async () => expect(await custodyObjects(world().api)).toEqual(before);

    test("by an Application of this repository, whose project allows no namespace", async () => {
      const { api } = world();
      // kustomize would rename the namespace to that of `namespace:`
      const edits = [
        {
          file: "apps/demo/kustomization.yaml",
          from: "namespace: app\nresources:\n",
          to: "resources:\n  - namespace.yaml\n",
        },
      ];
      const file = join(workDir, "apps/demo/namespace.yaml");
      await writeFile(file, "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: vault-custody\n");

      await commit(api, "Attack: custody in the folder of an application", edits);
      const message = await until("Argo CD to refuse the namespace", deadlineIn(timeoutMs), async () =>
        (await application(api, "demo")).status?.operationState?.syncResult?.resources
          ?.map((each) => each.message ?? "")
          .find((each) => each.includes("is not permitted in project demo")),
      );
      await rm(file);
      await converged(api, await commit(api, "Repair", undo(edits)), timeoutMs);

      expect(message).toContain("Namespace");
      await expectKept();
    });

    describe("by an Application in a project that allows every namespace,", () => {
      beforeAll(async () => {
        await selfHealRoot(world().api, false); // it would take the namespace back between two steps
        await takeOver(world().api);
      });
      afterAll(async () => {
        await endAttack(world().api);
        await selfHealRoot(world().api, true);
        await announce(world().api);
      });

      test("whose commit removes the namespace, so that Argo CD prunes it", async () => {
        expect(await pruneCustody(world().api)).toContain("nobody may delete it");
        await expectKept();
      });

      test("that is deleted with everything that it owns", async () => {
        expect(await cascade(world().api)).toContain("nobody may delete it");
        await expectKept();
      });
    });

    test("by the end of an attack: the root takes the namespace back", async () => {
      const { api } = world();

      await until("the root to own the custody namespace", deadlineIn(timeoutMs), async () => {
        const { metadata } = await api.get("/api/v1/namespaces/vault-custody");
        return metadata.annotations?.["argocd.argoproj.io/tracking-id"]?.startsWith("root:") ? true : undefined;
      });

      const { metadata } = await api.get("/api/v1/namespaces/vault-custody");
      expect(metadata.annotations?.["argocd.argoproj.io/sync-options"]).toBe("Prune=false,Delete=false");
      await expectKept();
    });

    test("by the deletion of Application vault, which the root recreates", async () => {
      const { api } = world();
      const { metadata } = await application(api, "vault");

      await api.remove(`${applications}/vault`);
      await until("Application vault to be recreated", deadlineIn(timeoutMs), async () => {
        const found = await api.find(`${applications}/vault`);
        return found !== undefined && found.metadata.uid !== metadata.uid ? true : undefined;
      });
      await converged(api, await publish("Nothing"), timeoutMs);

      await expectKept();
      expect((await runSource(world().cluster.kubeconfig, ["status"])).code).toBe(0);
    });

    test("by a commit that empties hooks/ and removes custody from the root, and the next commit repairs both", async () => {
      const { api } = world();
      const file = join(workDir, "hooks/kustomization.yaml");
      const text = await readFile(file, "utf8");
      const edits = [
        { file: "apps/kustomization.yaml", from: "  - ../hooks/base/custody\n", to: "  # custody is gone\n" },
      ];
      await writeFile(file, "configMapGenerator:\n  - { name: nothing, namespace: vault, literals: [a=b] }\n");

      const made = await commit(api, "Attack: empty hooks/", edits);
      await until("Argo CD to prune the hooks' rights", deadlineIn(timeoutMs), async () =>
        (await api.find("/apis/rbac.authorization.k8s.io/v1/namespaces/vault-custody/roles/vault-hooks-init")) ===
        undefined
          ? true
          : undefined,
      );
      await until("the root to have synced without custody", deadlineIn(timeoutMs), async () => {
        const { operationState, sync } = (await application(api, "root")).status ?? {};
        return operationState?.syncResult?.revision === made &&
          operationState.phase === "Succeeded" &&
          sync?.status === "OutOfSync"
          ? true
          : undefined;
      });
      const remaining = await kubectl(["get", "validatingadmissionpolicybindings", "-o", "name"]);
      await expectKept();
      await writeFile(file, text);
      await converged(api, await commit(api, "Repair: hooks/ and custody", undo(edits)), timeoutMs);

      for (const each of bindings) expect(remaining).toContain(each);
      await expectKept();
    });

    test("by a person's kubectl delete of the namespace, of every Secret or of the record", async () => {
      const inCustody = ["-n", "vault-custody", "delete", "--wait=false"];
      const slips = [
        ["delete", "namespace", "vault-custody", "--wait=false"],
        [...inCustody, "secret", "vault-unseal-keys"],
        [...inCustody, "configmap", "--all"],
      ];

      for (const slip of slips) await expect(kubectl(slip)).rejects.toThrow(/denied request: .*unseal keys of Vault/);
      await expectKept();
    });

    // Not the other binding: the API server would never again notice what Git gives up (kubernetes/kubernetes#130887).
    test("by a deletion of the policy's binding, which the root restores within 30 s", async () => {
      const from = Date.now();
      await kubectl(["delete", "validatingadmissionpolicybinding", "protect-custody.vault-custody"]);
      await until("the binding to be restored", deadlineIn(60_000), async () => {
        const found = await kubectl(["get", "validatingadmissionpolicybindings", "-o", "name"]);
        return bindings.every((each) => found.includes(each)) ? true : undefined;
      });

      console.log(`binding deleted: restored after ${((Date.now() - from) / 1000).toFixed(1)} s`);
      expect(Date.now() - from).toBeLessThan(30_000);
      await expectKept();
    });
  });
}

async function selfHealRoot(api: Api, on: boolean): Promise<void> {
  await api.patch(`${applications}/root`, {
    spec: { syncPolicy: { automated: on ? { prune: true, selfHeal: true } : null } },
  });
}
