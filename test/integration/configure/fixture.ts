import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createFakeStatefulSet } from "../../helpers/fake-statefulset.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { type Proxy as FaultProxy, startProxy } from "../../helpers/proxy.ts";
import { type Outcome, type RunningCli, startCli } from "../../helpers/run-cli.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { vaultPodView } from "../../helpers/vault-pod-view.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";

/** One real Vault that reviews tokens with a real API server, and the program that runs against both. */
export type ConfigFixture = {
  readonly kube: KubeServer;
  readonly vaults: VaultServers;
  /** In front of Vault; every run goes through it. */
  readonly proxy: FaultProxy;
  /** Runs a command with this desired state, or else with the last one; files by name. */
  run(command: string, files?: Files, ...flags: string[]): Promise<Outcome>;
  /** Like run, without waiting for its end. */
  start(command: string, files?: Files, ...flags: string[]): Promise<RunningCli>;
  /** Writes a file. @returns its path */
  file(name: string, text: string): Promise<string>;
  /** Starts a new Vault, initialised and unsealed, with its root token in custody. @returns that token */
  reset(): Promise<string>;
  /** The decoded data of a Secret in custody; undefined if it does not exist. */
  secret(name: string): Promise<Record<string, string> | undefined>;
  /** The requests in the audit device's log, oldest first. */
  auditLog(): Promise<AuditEntry[]>;
  /** Sends a request to Vault with the login of vault-hooks, which may do everything. */
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Sends a request to Vault with this token. */
  requestWith(token: string, method: string, path: string, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
};
export type Files = Readonly<Record<string, string>>;
type Answer = { readonly status: number; readonly body: Record<string, unknown> };
type AuditEntry = { readonly operation: string; readonly path: string };

export async function startConfigFixture(kind: "vault" | "bao" = "vault"): Promise<ConfigFixture> {
  const kube = await startKube();
  const podView = await vaultPodView(kube);
  const vaults = await startVault({ kind, members: 1, podView, config: serverConfig(kind) });
  await createFakeStatefulSet(kube, { replicas: 1, ips: vaults.ips });
  const config = await tempDir("config");
  const origin = vaults.addresses[0] ?? "";
  const proxy = await startProxy(origin);
  const common = [`--kubeconfig=${kube.kubeconfig}`, `--address=${proxy.address}`, "--output=json", "--timeout=40s"];
  const shareFlags = (command: string) => (/init|bootstrap/.test(command) ? ["--shares=1", "--threshold=1"] : []);
  let count = 0;
  let folder = config;
  const fixture: ConfigFixture = {
    kube,
    vaults,
    proxy,
    async start(command, files, ...flags) {
      if (files !== undefined) folder = await writeFolder(join(config, String(count++)), files);
      const configFlag =
        command === "unseal" || command === "join" || command === "status" ? [] : [`--config=${folder}`];
      return await startCli([command, ...configFlag, ...shareFlags(command), ...common, ...flags]);
    },
    run: async (...args) => await (await fixture.start(...args)).outcome,
    async file(name, text) {
      await writeFolder(config, { [name]: text });
      return join(config, name);
    },
    async reset() {
      proxy.clearFaults();
      await kube.kubectl(["-n", "vault-custody", "delete", "secret,configmap,lease", "--all", "--wait=false"]);
      await vaults.kill(0);
      await vaults.wipe(0);
      await vaults.start(0);
      for (const command of ["init", "unseal"]) {
        const { code, stderr } = await fixture.run(command, { "vault.yaml": "{}" });
        if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
      }
      return (await fixture.secret("vault-root-token"))?.["token"] ?? "";
    },
    async secret(name) {
      const text = await kube.kubectl(["-n", "vault-custody", "get", "secret", name, "--ignore-not-found", "-o=json"]);
      if (text === "") return undefined;
      const { data = {} } = JSON.parse(text) as { data?: Record<string, string> };
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, atob(value)]));
    },
    auditLog: () => readAudit(vaults.auditFile),
    request: (method, path, body) => requestAsLogin(kube, origin, method, path, body),
    requestWith: (token, method, path, body) => send(origin, method, path, body, token),
    async close() {
      await proxy.close();
      await vaults.close();
      await kube.close();
      await rm(config, { recursive: true });
    },
  };
  return fixture;
}

/** By default OpenBao accepts audit devices in its server configuration only. */
function serverConfig(kind: "vault" | "bao"): string {
  return kind === "bao" ? "unsafe_allow_api_audit_creation = true" : "";
}

async function writeFolder(folder: string, files: Files): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

async function readAudit(file: string): Promise<AuditEntry[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  const entries = lines.map((line) => JSON.parse(line) as { type: string; request: AuditEntry });
  return entries
    .filter(({ type }) => type === "request")
    .map(({ request }) => ({ operation: request.operation, path: request.path }));
}

async function requestAsLogin(kube: KubeServer, origin: string, method: string, path: string, body?: unknown) {
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
