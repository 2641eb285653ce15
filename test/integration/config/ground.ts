import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createFakeStatefulSet } from "../../helpers/fake-statefulset.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { type Outcome, runCli } from "../../helpers/run-cli.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { vaultPodView } from "../../helpers/vault-pod-view.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";

/** One real Vault that reviews tokens with a real API server, and the program run against both. */
export type ConfigGround = {
  readonly kube: KubeServer;
  readonly vaults: VaultServers;
  /** Runs a command with this desired state: the text of each file by its name. */
  run(command: string, files?: Files, ...flags: string[]): Promise<Outcome>;
  /** What the audit device has written, one request each, oldest first. */
  audited(): Promise<Audited[]>;
  /** Asks Vault as somebody who may do anything. */
  ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  close(): Promise<void>;
};
export type Files = Readonly<Record<string, string>>;
export type Audited = { readonly operation: string; readonly path: string };

export async function startConfigGround(kind: "vault" | "bao" = "vault"): Promise<ConfigGround> {
  const kube = await startKube();
  const podView = await vaultPodView(kube);
  const vaults = await startVault({ kind, members: 1, podView, config: auditByConfiguration(kind) });
  await createFakeStatefulSet(kube, { replicas: 1, ips: vaults.ips });
  const config = await tempDir("config");
  const common = [`--kubeconfig=${kube.kubeconfig}`, `--address=${vaults.address}`, "--output=json", "--timeout=40s"];
  const oneShare = (command: string) => (/init|bootstrap/.test(command) ? ["--shares=1", "--threshold=1"] : []);
  let folder = config;
  return {
    kube,
    vaults,
    async run(command, files, ...flags) {
      if (files !== undefined) folder = await writeFolder(await tempDir("config"), files);
      const configured =
        command === "unseal" || command === "join" || command === "status" ? [] : [`--config=${folder}`];
      return await runCli([command, ...configured, ...oneShare(command), ...common, ...flags]);
    },
    audited: () => readAudit(vaults.auditFile),
    ask: (method, path, body) => ask(kube, vaults.addresses[0] ?? "", method, path, body),
    async close() {
      await vaults.close();
      await kube.close();
    },
  };
}

/** OpenBao takes audit devices from its configuration alone. */
function auditByConfiguration(kind: "vault" | "bao"): string {
  return kind === "bao" ? "unsafe_allow_api_audit_creation = true" : "";
}

async function writeFolder(folder: string, files: Files): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

async function readAudit(file: string): Promise<Audited[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  const entries = lines.map((line) => JSON.parse(line) as { type: string; request: Audited });
  return entries
    .filter(({ type }) => type === "request")
    .map(({ request }) => ({ operation: request.operation, path: request.path }));
}

async function ask(kube: KubeServer, origin: string, method: string, path: string, body?: unknown) {
  const jwt = (
    await kube.kubectl(["-n", "vault", "create", "token", "vault-hooks-configure", "--audience=vault-hooks"])
  ).trim();
  const login = await send(origin, "POST", "auth/vault-hooks/login", { role: "configure", jwt });
  const token = (login.body["auth"] as { client_token: string }).client_token;
  const answer = await send(origin, method, path, body, token);
  await send(origin, "POST", "auth/token/revoke-self", {}, token);
  return answer;
}

async function send(origin: string, method: string, path: string, body?: unknown, token?: string) {
  const answer = await fetch(`${origin}/v1/${path}`, {
    method,
    headers: token === undefined ? {} : { "X-Vault-Token": token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
}
