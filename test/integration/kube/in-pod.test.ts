import { afterAll, beforeAll, expect, it } from "vitest";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { makeReady } from "../../helpers/ready-vault.ts";
import { runCli } from "../../helpers/run-cli.ts";
import { vaultPodView } from "../../helpers/vault-pod-view.ts";
import { startVault } from "../../helpers/vault-servers.ts";

let kube: KubeServer;

beforeAll(async () => {
  kube = await startKube();
  await kube.apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: hook, namespace: default}}");
});
afterAll(async () => await kube?.close());

it("a run in a pod uses the pod's ServiceAccount, and names it when a permission is missing", async () => {
  const podView = await kube.podViewFor("default", "hook");

  const { code, stderr } = await runCli(["status", "--timeout=20s"], { podView, env: kube.podEnv });

  expect(code).toBe(5);
  expect(stderr).toContain("get StatefulSet vault in namespace vault: Kubernetes denied it");
  expect(stderr).toContain("Give ServiceAccount hook of namespace default the permission");
});

it("Vault in a pod reviews another pod's token with only its own token and CA", async () => {
  const servers = await startVault({ podView: await vaultPodView(kube) });
  const { vault } = await makeReady(servers.addresses[0] ?? "");
  const role = {
    bound_service_account_names: "hook",
    bound_service_account_namespaces: "default",
    audience: "vault-hooks",
  };
  await vault.write("sys/auth/kubernetes", { type: "kubernetes" });
  await vault.write("auth/kubernetes/config", { kubernetes_host: "https://kubernetes.default.svc" });
  await vault.write("auth/kubernetes/role/hook", role);

  const login = async (audience?: string) =>
    vault.write("auth/kubernetes/login", { role: "hook", jwt: await kube.tokenFor("default", "hook", audience) });

  expect(await login("vault-hooks")).toMatchObject({ auth: { metadata: { service_account_name: "hook" } } });
  await expect(login()).rejects.toMatchObject({ exitCode: 5 });
  await vault.close();
  await servers.close();
});
