import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectDir } from "../cluster/paths.ts";
import { binaries } from "../helpers/binaries.ts";
import { createFakeStatefulSet } from "../helpers/fake-statefulset.ts";
import { startKube } from "../helpers/kube-server.ts";
import { vaultPodView } from "../helpers/vault-pod-view.ts";
import { startVault, type VaultServers } from "../helpers/vault-servers.ts";
import { buildImage } from "../image/build.ts";
import { type Unpacked, unpackImage } from "../image/container.ts";

/**
 * Measures the four hooks without the start of their pods: the image's program against three new Vaults with Raft and a
 * real API server, with the sample of hooks/config; then again, with nothing to do. The reference, in the same run and
 * on the same kind of Vaults, is a script of the equivalent `vault` commands.
 */
type Timing = Record<string, number>;

const rounds = 3;
const hooks = ["init", "unseal", "join", "configure"] as const;

const kube = await startKube();
const podView = await vaultPodView(kube);
const image = await unpackImage((await buildImage()).archive);
try {
  const taken: { first: Timing; again: Timing; byHand: Timing }[] = [];
  for (let round = 0; round < rounds; round++) taken.push(await measure());
  print(taken);
} finally {
  await rm(image.folder, { recursive: true, force: true });
  await kube.close();
}

async function measure() {
  const vaults = await startVault({ members: 3, podView });
  const byHandVaults = await startVault({ members: 3, podView });
  try {
    await emptyCustody();
    await createFakeStatefulSet(kube, { replicas: 3, ips: vaults.ips });
    const first = await runHooks(vaults);
    const again = await runHooks(vaults);
    return { first, again, byHand: { "all together": await typeCommands(byHandVaults) } };
  } finally {
    await vaults.close();
    await byHandVaults.close();
  }
}

async function emptyCustody(): Promise<void> {
  const kinds = "secret,configmap,lease";
  await kube.kubectl(["-n", "vault-custody", "delete", kinds, "--all", "--ignore-not-found"]).catch(() => "");
  await kube.kubectl(["-n", "vault", "delete", "statefulset,pod,pvc", "--all", "--force", "--grace-period=0"]);
}

async function runHooks(vaults: VaultServers): Promise<Timing> {
  await cp(join(projectDir, "hooks/config"), join(image.rootfs, "tmp/config"), { recursive: true });
  const kubeconfig = join(image.rootfs, "tmp/kubeconfig");
  await cp(kube.kubeconfig, kubeconfig);
  const [uid = 0, gid = 0] = image.config.User.split(":").map(Number);
  await chown(kubeconfig, uid, gid);
  const timing: Timing = {};
  for (const hook of hooks) {
    const own = {
      init: ["--shares=1", "--threshold=1", "--config=/tmp/config"],
      configure: ["--config=/tmp/config"],
      unseal: [],
      join: [],
    }[hook];
    timing[hook] = await inImage(image, [hook, "--kubeconfig=/tmp/kubeconfig", `--address=${vaults.address}`, ...own]);
  }
  return { ...timing, "all together": Object.values(timing).reduce((sum, ms) => sum + ms, 0) };
}

async function inImage({ rootfs, config }: Unpacked, args: readonly string[]): Promise<number> {
  const env = Object.fromEntries(config.Env.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  return await timed("chroot", [`--userspec=${config.User}`, rootfs, ...config.Entrypoint, ...args], env);
}

async function timed(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${errors.join("")}`);
  return performance.now() - started;
}

/** Runs the equivalent `vault` commands in a script, without pauses for typing or reading. */
async function typeCommands(vaults: VaultServers): Promise<number> {
  const { vault } = await binaries("vault");
  const policy = join(projectDir, "hooks/config/policies/dev.hcl");
  const script = join(image.folder, "by-hand.sh");
  const [first, ...others] = vaults.addresses;
  await writeFile(
    script,
    `set -eu
export VAULT_ADDR=${first}
vault() { ${vault} "$@"; }
answer=$(vault operator init -key-shares=1 -key-threshold=1 -format=json)
key=$(echo "$answer" | sed -n '/unseal_keys_b64/{n;s/[ ",]//g;p}')
VAULT_TOKEN=$(echo "$answer" | sed -n 's/.*"root_token": "\\(.*\\)".*/\\1/p'); export VAULT_TOKEN
vault operator unseal "$key"
for other in ${others.join(" ")}; do
  VAULT_ADDR=$other vault operator raft join http://vault-0.vault-internal.vault.svc:8200
  VAULT_ADDR=$other vault operator unseal "$key"
done
until vault audit enable -path=stdout file file_path=stdout; do :; done
vault auth enable -path=demo-auth-mount kubernetes
vault write auth/demo-auth-mount/config kubernetes_host=https://kubernetes.default.svc
vault secrets enable -path=kvv2 kv-v2
vault policy write dev ${policy}
vault write auth/demo-auth-mount/role/role1 bound_service_account_names=default bound_service_account_namespaces=app policies=dev audience=vault ttl=24h
until vault kv put kvv2/webapp/config username=static-user password=static-password; do :; done
vault secrets enable -path=demo-transit transit
vault write -f demo-transit/keys/vso-client-cache
vault policy write auth-policy-operator ${policy}
vault write auth/demo-auth-mount/role/auth-role-operator bound_service_account_names=vault-secrets-operator-controller-manager bound_service_account_namespaces=vault-secrets-operator-system policies=auth-policy-operator audience=vault ttl=24h
`,
  );
  return await timed("bash", [script], { PATH: process.env["PATH"], HOME: image.folder });
}

function print(taken: readonly { first: Timing; again: Timing; byHand: Timing }[]): void {
  const median = (pick: (each: (typeof taken)[number]) => number | undefined) => {
    const sorted = taken.map((each) => pick(each) ?? 0).sort((a, b) => a - b);
    return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
  };
  const row = (name: string) => ({
    "fresh Vaults, ms": median(({ first }) => first[name]),
    "nothing to do, ms": median(({ again }) => again[name]),
  });
  console.table(Object.fromEntries([...hooks, "all together"].map((name) => [name, row(name)])));
  console.log(
    `Reference: the same by \`vault\` commands, without typing: ${median(({ byHand }) => byHand["all together"])} ms.`,
  );
  console.log(`Median of ${rounds} rounds. Aim: 10,000 ms for the four together.`);
}
