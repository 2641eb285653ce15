import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deadlineIn, until } from "../../src/util/deadline.ts";
import { refreshApplication } from "../cluster/applications.ts";
import { applicationNames, kubectl, publish, readApplications, workDir } from "../cluster/cluster.ts";
import { kindNodes } from "../cluster/kind/commands.ts";
import { kubeconfig, projectDir } from "../cluster/paths.ts";
import { attempt, run } from "../cluster/run.ts";

/**
 * Runs one scenario of `make long` on the kind cluster of `make up`. It is a process of its own, since CLUSTER is read once
 * per process. Usage: CLUSTER=kind tsx test/long/kind.ts changed-policy | lost-worker
 */
const scenarios: Readonly<Record<string, () => Promise<string>>> = {
  "changed-policy": changedPolicy,
  "lost-worker": lostWorker,
};

const [name = ""] = process.argv.slice(2);
const scenario = scenarios[name];
if (scenario === undefined)
  throw new Error(`unknown scenario "${name}": use one of ${Object.keys(scenarios).join(", ")}`);
console.log(await scenario());

/** Commits a policy to the served repository, and checks that the hook writes it to Vault. */
async function changedPolicy(): Promise<string> {
  const file = join(workDir, "hooks/config/policies/dev.hcl");
  await writeFile(file, `${await readFile(file, "utf8")}\npath "sys/mounts" {\n  capabilities = ["read"]\n}\n`);
  const from = Date.now();
  const commit = await publish("Let dev read the mounts");
  for (const each of applicationNames) await refreshApplication(kubectl, each);
  await until("the commit to be applied", deadlineIn(300_000), async () => {
    const vault = (await readApplications(kubectl)).find((each) => each.name === "vault");
    return vault?.revision === commit && vault.sync === "Synced" && vault.phase === "Succeeded" ? true : undefined;
  });
  const log = await kubectl(["-n", "vault", "logs", "job/vault-configure"]);
  if (!/sys\/policies\/acl\/dev/.test(log)) throw new Error(`the hook did not write policy dev:\n${log}`);
  return `policy dev changed by a commit within ${seconds(from)}`;
}

/** Drains a member's worker and uncordons it, then stops the leader's worker and starts it. Reports Vault's status meanwhile. */
async function lostWorker(): Promise<string> {
  const spread = await memberNodes();
  if (new Set(spread.values()).size !== 3) throw new Error(`members share a node: ${JSON.stringify([...spread])}`);
  const report = [`members on ${[...spread].map(([pod, node]) => `${pod}: ${node}`).join(", ")}`];
  report.push(await drainAndReturn(spread.get("vault-1") ?? ""));
  report.push(await stopAndReturn());
  return report.join("\n");
}

async function drainAndReturn(node: string): Promise<string> {
  const drained = Date.now();
  const flags = ["--ignore-daemonsets", "--delete-emptydir-data", "--timeout=180s"];
  await kubectl(["drain", node, ...flags], { timeoutMs: 240_000 });
  const drain = seconds(drained);
  const without = await status();
  await kubectl(["uncordon", node]);
  const returned = Date.now();
  await membersRunning();
  const back = await status();
  return `drained ${node} in ${drain}: ${without}; uncordoned: ${back}; ${await repaired(returned)}`;
}

async function stopAndReturn(): Promise<string> {
  const [leader = ""] = await leaderPods();
  const node = (await memberNodes()).get(leader);
  if (node === undefined) throw new Error(`expected a leader on a node, found "${leader}"`);
  await moveArgoCd(node);
  await healthShown("Healthy", Date.now());
  const [leaderNow] = await leaderPods();
  if (leaderNow !== leader) throw new Error(`after Argo CD moved, ${leaderNow ?? "no pod"} leads, expected ${leader}`);
  const stopped = Date.now();
  await run("docker", ["stop", "--time", "1", node]);
  const elected = await until("another leader", deadlineIn(180_000), async () =>
    (await leaderPods().catch(() => [])).find((each) => each !== leader),
  );
  const election = seconds(stopped);
  const without = await status();
  const red = await healthShown("Degraded", stopped);
  await run("docker", ["start", node]);
  const started = Date.now();
  await kubectl(["wait", `node/${node}`, "--for=condition=Ready", "--timeout=180s"], { timeoutMs: 200_000 });
  await membersRunning();
  const back = await status();
  const healthy = await repaired(started);
  const green = await healthShown("Healthy", started);
  const signal = `vault-health red after ${red}, green ${green} after the start`;
  return `stopped ${node} with leader ${leader}: ${elected} leads after ${election}; ${without}; started: ${back}; ${healthy}; ${signal}`;
}

/**
 * Moves Argo CD's pods to other nodes. Those on a lost node are replaced only after five minutes, and Argo CD shows nothing new
 * until then; what is tested here is the loss of a member.
 */
async function moveArgoCd(from: string): Promise<void> {
  await kubectl(["cordon", from]);
  try {
    await kubectl(["-n", "argocd", "delete", "pods", `--field-selector=spec.nodeName=${from}`], { timeoutMs: 120_000 });
    for (const kind of ["deployments", "statefulsets"]) {
      const names = await kubectl(["-n", "argocd", "get", kind, "-o", "name"]);
      for (const each of names.split("\n").filter(Boolean)) {
        await kubectl(["-n", "argocd", "rollout", "status", each, "--timeout=180s"], { timeoutMs: 200_000 });
      }
    }
  } finally {
    await kubectl(["uncordon", from]);
  }
}

/** Waits until every member is unsealed, without a sync. @returns the time since `from` */
async function repaired(from: number): Promise<string> {
  await until("every member to be unsealed by the watcher", deadlineIn(300_000), async () =>
    (await statusCode()) === 0 ? true : undefined,
  );
  return `healthy after ${seconds(from)} without a sync`;
}

/** Waits until Argo CD shows Application vault-health so. @returns the time since `from` */
async function healthShown(wanted: "Healthy" | "Degraded", from: number): Promise<string> {
  let shown: unknown;
  const probe = async () => {
    const found = (await readApplications(kubectl)).find(({ name: each }) => each === "vault-health");
    shown = found;
    return found?.health === wanted ? true : undefined;
  };
  const reason = () => `Argo CD shows ${JSON.stringify(shown)}`;
  await until(`vault-health to be ${wanted}`, deadlineIn(300_000), probe, reason);
  return seconds(from);
}

type Pod = {
  metadata: { name: string };
  spec: { nodeName?: string };
  status: { phase: string; conditions?: { type: string; status: string }[] };
};

async function vaultPods(): Promise<Pod[]> {
  const selector = "app.kubernetes.io/name=vault,component=server";
  const { items } = JSON.parse(await kubectl(["-n", "vault", "get", "pods", "-l", selector, "-o", "json"]));
  return items;
}

async function memberNodes(): Promise<Map<string, string>> {
  const nodes = await kindNodes();
  const pods = await vaultPods();
  return new Map(
    pods.map(({ metadata, spec }) => [metadata.name, nodes.find((each) => each === spec.nodeName) ?? "none"]),
  );
}

async function membersRunning(): Promise<void> {
  await until("three running members", deadlineIn(300_000), async () => {
    const ready = (await vaultPods()).filter(({ status: { conditions } }) =>
      conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
    );
    return ready.length === 3 ? true : undefined;
  });
}

/** The pods that Vault has labelled as the leader: none during an election, two if a lost one kept its label. */
async function leaderPods(): Promise<string[]> {
  const active = await kubectl([
    "-n",
    "vault",
    "get",
    "pods",
    "-l",
    "vault-active=true",
    "-o",
    "jsonpath={.items[*].metadata.name}",
  ]);
  return active.split(" ").filter(Boolean);
}

function vaultStatus(output: string) {
  const flags = ["--kubeconfig", kubeconfig, "--timeout", "20s", "--output", output, "--log-level", "error"];
  return attempt(join(projectDir, "node_modules/.bin/tsx"), [join(projectDir, "src/cli.ts"), "status", ...flags], {
    cwd: projectDir,
  });
}

async function statusCode(): Promise<number> {
  return (await vaultStatus("json")).code;
}

type Member = { pod: string; sealed: boolean | null; role: string | null };

async function status(): Promise<string> {
  const { stdout } = await vaultStatus("json");
  const { pods } = JSON.parse(stdout) as { pods: Member[] };
  const state = ({ sealed, role }: Member) =>
    role ?? (sealed === null ? "unreachable" : sealed ? "sealed" : "no leader");
  return pods.map((each) => `${each.pod} ${state(each)}`).join(", ");
}

function seconds(from: number): string {
  return `${((Date.now() - from) / 1000).toFixed(1)} s`;
}
