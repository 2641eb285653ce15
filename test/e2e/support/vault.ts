import type { V1Pod } from "@kubernetes/client-node";
import { connectKube } from "../../../src/kube/client.ts";
import { secret } from "../../../src/redact.ts";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { connectVault, type Vault } from "../../../src/vault/client.ts";
import { clusterName, kubeconfig } from "../../cluster/paths.ts";
import type { Api } from "./api.ts";

type TokenRequest = { status: { token: string } };
type Login = { auth: { client_token: string } };
export type KvRead = { data: { data: Record<string, string>; metadata: { version: number } } };

/** Opens a client without a token to the active member's pod. */
async function openActive(api: Api): Promise<Vault> {
  const pod = await until("an active Vault pod", deadlineIn(60_000), async () => {
    const pods = await api.list<V1Pod>("/api/v1/namespaces/vault/pods?labelSelector=vault-active%3Dtrue");
    return pods.find(({ status }) => status?.podIP);
  });
  const name = pod.metadata?.name ?? "";
  const deadline = deadlineIn(120_000);
  // the tests run on the embedded node, which reaches pods directly; a pod on kind is reached through the API server
  if (clusterName === "embedded")
    return connectVault({ name, origin: `http://${pod.status?.podIP}:8200` }, { deadline });
  const kubeDefaults = { files: [], inCluster: false, home: undefined };
  const kube = await connectKube({ kubeconfig, context: undefined, kubeDefaults }, deadline);
  const forward = await kube.forward("vault", name, 8200);
  const vault = connectVault({ name, origin: `http://127.0.0.1:${forward.port}` }, { deadline });
  const close = () => vault.close().finally(() => forward.close());
  return { ...vault, close };
}

/** Logs in as the hook does, with a ServiceAccount token from a TokenRequest, as a person with a kubeconfig would. */
async function login(api: Api, vault: Vault): Promise<string> {
  const path = "/api/v1/namespaces/vault/serviceaccounts/vault-hooks-configure/token";
  const spec = { audiences: ["vault-hooks"], expirationSeconds: 600 };
  const { status } = await api.post<TokenRequest>(path, { spec });
  const body = { role: "configure", jwt: secret(status.token) };
  const response = (await vault.write("auth/vault-hooks/login", body)) as Login | undefined;
  if (response === undefined) throw new Error("the login returned no token");
  return secret(response.auth.client_token);
}

/** Runs `act` logged in, then revokes the token and closes the connection. */
export async function withVault<T>(api: Api, act: (vault: Vault) => Promise<T>): Promise<T> {
  const open = await openActive(api);
  try {
    const vault = open.withToken(await login(api, open));
    const result = await act(vault);
    await vault.write("auth/token/revoke-self", {});
    return result;
  } finally {
    await open.close();
  }
}

/** Runs `act` with the token of a login, then revokes it through the member that is active by then. */
export async function withToken<T>(api: Api, act: (token: string) => Promise<T>): Promise<T> {
  const token = await withActive(api, (vault) => login(api, vault));
  const result = await act(token);
  await withActive(api, (vault) => vault.withToken(token).write("auth/token/revoke-self", {}));
  return result;
}

async function withActive<T>(api: Api, act: (vault: Vault) => Promise<T>): Promise<T> {
  const open = await openActive(api);
  try {
    return await act(open);
  } finally {
    await open.close();
  }
}

/** Reads the sample's KV value. */
export function readSample(vault: Vault): Promise<KvRead> {
  return vault.read("kvv2/data/webapp/config") as Promise<KvRead | undefined> as Promise<KvRead>;
}

/** @returns the HTTP status of a token's lookup of itself: 200 if it is valid, 403 if not */
export async function tokenStatus(api: Api, token: string): Promise<number> {
  const vault = await openActive(api);
  try {
    await vault.withToken(token).read("auth/token/lookup-self");
    return 200;
  } catch (error) {
    return (error as { status?: number }).status ?? 0;
  } finally {
    await vault.close();
  }
}
