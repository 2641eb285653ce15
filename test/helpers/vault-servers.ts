import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, request } from "undici";
import { binaries } from "./binaries.ts";
import { makeCa, makeCertificate } from "./certificates.ts";
import { freeBlock } from "./loopback.ts";
import { type PodView, preparePodView } from "./pod-view.ts";
import { launch, type ServerProcess } from "./server-process.ts";
import { tempDir } from "./temp-dir.ts";

export type VaultOptions = {
  readonly kind?: "vault" | "bao";
  readonly members?: number;
  /** Serves TLS with a certificate for `vault-N.vault-internal.vault.svc`, signed by a new CA. */
  readonly tls?: boolean;
  /** More lines for the servers' configuration. */
  readonly config?: string;
  /** Added to the members' own names. With a token and a CA in it, the Kubernetes auth method finds both by itself. */
  readonly podView?: PodView;
};

/**
 * Real, uninitialised servers with Raft storage, one process each, named vault-0 and up. They resolve each other by
 * the names that the headless Service gives them in a cluster.
 */
export type VaultServers = {
  /** The origin of each member. */
  readonly addresses: readonly string[];
  /** The same as a pattern with {ordinal}, for --address. */
  readonly address: string;
  /** The IP of each member; its API is on port 8200. */
  readonly ips: readonly string[];
  /** PEM certificate of the CA; undefined without `tls`. */
  readonly ca: string | undefined;
  readonly caFile: string | undefined;
  /** A path for an audit device, shared by all members. */
  readonly auditFile: string;
  logFile(i: number): string;
  /** Starts member `i` and waits until its API responds. */
  start(i: number): Promise<void>;
  /** Ends member `i` with SIGTERM. */
  stop(i: number): Promise<void>;
  /** Ends member `i` with SIGKILL. */
  kill(i: number): Promise<void>;
  /** Removes the data of member `i`, which must be stopped. */
  wipe(i: number): Promise<void>;
  close(): Promise<void>;
};

const internalName = (i: number) => `vault-${i}.vault-internal.vault.svc`;

/** Starts the servers, one by default, and waits until their APIs respond. */
export async function startVault(options: VaultOptions = {}): Promise<VaultServers> {
  const { kind = "vault", members = 1, tls = false } = options;
  const dir = await tempDir(kind);
  const block = await freeBlock(8200);
  const ips = Array.from({ length: members }, (_, i) => `${block}1${i}`);
  const scheme = tls ? "https" : "http";
  const ca = tls ? await makeTls(dir, ips) : undefined;
  const binary = (await binaries(kind))[kind];
  const names = Object.fromEntries(ips.map((ip, i) => [internalName(i), ip]));
  const { hosts = {}, secrets = {} } = options.podView ?? {};
  const prefix = await preparePodView(dir, { hosts: { ...names, ...hosts }, secrets });
  const processes: (ServerProcess | undefined)[] = [];
  const logFile = (i: number) => join(dir, `vault-${i}.log`);
  const data = (i: number) => join(dir, `vault-${i}`);

  async function start(i: number): Promise<void> {
    await mkdir(data(i), { recursive: true });
    const file = join(dir, `vault-${i}.hcl`);
    await writeFile(file, configuration(dir, i, ips[i] ?? "", tls) + (options.config ?? ""));
    const [command = binary, ...args] = [...prefix, binary, "server", `-config=${file}`];
    const server = launch({ name: `vault-${i}`, command, args, logFile: logFile(i) });
    processes[i] = server;
    await server.ready(async () => await isReachable(ips[i] ?? "", scheme, ca));
  }
  const end = async (i: number, signal: NodeJS.Signals) => await processes[i]?.end(signal);
  const forEachMember = (action: (i: number) => Promise<void>) => Promise.all(ips.map((_, i) => action(i)));
  await forEachMember(start);
  return {
    addresses: ips.map((ip) => `${scheme}://${ip}:8200`),
    address: `${scheme}://${block}1{ordinal}:8200`,
    ips,
    ca,
    caFile: tls ? join(dir, "ca.crt") : undefined,
    auditFile: join(dir, "audit.log"),
    logFile,
    start,
    stop: (i) => end(i, "SIGTERM"),
    kill: (i) => end(i, "SIGKILL"),
    wipe: (i) => rm(data(i), { recursive: true, force: true }),
    async close() {
      await forEachMember((i) => end(i, "SIGKILL"));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function configuration(dir: string, i: number, ip: string, tls: boolean): string {
  const scheme = tls ? "https" : "http";
  const security = tls
    ? `tls_cert_file = "${join(dir, "vault.crt")}"\n  tls_key_file = "${join(dir, "vault.key")}"`
    : "tls_disable = true";
  return `disable_mlock = true
log_level = "info"
listener "tcp" {
  address = "${ip}:8200"
  cluster_address = "${ip}:8201"
  ${security}
}
storage "raft" {
  path = "${join(dir, `vault-${i}`)}"
  node_id = "vault-${i}"
  performance_multiplier = 1
}
api_addr = "${scheme}://${ip}:8200"
cluster_addr = "https://${ip}:8201"
`;
}

async function makeTls(dir: string, ips: readonly string[]): Promise<string> {
  const ca = await makeCa(dir);
  const names = ips.map((_, i) => `DNS:${internalName(i)}`);
  await makeCertificate(dir, "vault", "/CN=vault", names.join(","));
  return ca;
}

/** @returns whether the API responds, as it also does when sealed or uninitialised */
async function isReachable(ip: string, scheme: string, ca: string | undefined): Promise<boolean> {
  const dispatcher = new Agent({ connect: { ...(ca === undefined ? {} : { ca, servername: internalName(0) }) } });
  const response = await request(`${scheme}://${ip}:8200/v1/sys/seal-status`, { dispatcher });
  await response.body.dump();
  await dispatcher.destroy();
  return response.statusCode === 200;
}
