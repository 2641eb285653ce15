import { observePods, type Pods } from "../bring-up/observe.ts";
import { type PodStatus, type Status, statusOf } from "../bring-up/status.ts";
import { type Cluster, withConnection } from "../connect/connection.ts";
import { type Peer, readPeers } from "../connect/raft-peers.ts";
import { AppError, ExitCode } from "../errors.ts";
import { type Health, readHealth } from "../health/read.ts";
import { readerLogin } from "../login/definition.ts";
import { withLogin } from "../login/login.ts";
import { type LeftOver, leftOverIn } from "../plan-apply/ledger/left-over.ts";
import { openLedger } from "../plan-apply/ledger/store.ts";
import { assessPeers, type Scale } from "../raft/fate.ts";
import { warnOfDeadPeers } from "../raft/warn.ts";
import type { Run } from "../run.ts";
import { table } from "../util/table.ts";
import { type Command, clusterFlags } from "./command.ts";
import { showHealth } from "./show-health.ts";

export const status: Command = {
  name: "status",
  describe:
    "Show the state of each pod, the last run of each hook, and problems; exit 3 unless Vault is healthy, 4 if two are mixed up",
  flags: [...clusterFlags, "token-file"],
  async run(run) {
    const { seen, health } = await withConnection(run, async (cluster) => {
      const [seen, health] = await Promise.all([observeStatus(cluster), readHealth(cluster)]);
      return { seen, health };
    });
    const json = run.settings.output === "json";
    run.print(json ? `${JSON.stringify({ ...seen, health }, nullForUnknown)}\n` : show(run, seen, health));
    if (seen.mixUp !== undefined) {
      run.log.error(seen.mixUp, "two Vaults are mixed up");
      return ExitCode.refused;
    }
    return seen.healthy ? ExitCode.done : ExitCode.notReady;
  },
};

/**
 * `deadPeers`: names of Raft peers that have no pod any more; undefined if they cannot be read.
 * `leftOver`: undefined if the ledger cannot be read.
 */
type FullStatus = Status & {
  readonly deadPeers: readonly string[] | undefined;
  readonly leftOver: readonly LeftOver[] | undefined;
};

/** Needs no access to custody: without it only `leftOver` is unknown. */
async function observeStatus(cluster: Cluster): Promise<FullStatus> {
  const seen = await observePods(cluster);
  const found = await peers(cluster, seen);
  const scale = scaleOf(seen);
  warnOfDeadPeers(cluster.run.log, scale, found ?? []);
  const dead = found && assessPeers(scale, found).filter(({ fate }) => fate === "dead");
  const leftOver = await leftOvers(cluster, seen);
  return { ...statusOf(seen, found), deadPeers: dead?.map(({ name }) => name), leftOver };
}

/** The members include pods that should exist and do not. */
function scaleOf({ statefulSet, replicas, members }: Pods): Scale {
  const existing = members.filter(({ uid }) => uid !== undefined);
  return { statefulSet, replicas, pods: existing.map(({ pod }) => ({ name: pod, deleting: false })) };
}

/** Returns the objects that the last `configure` did not declare, or undefined without access to the ledger. */
async function leftOvers(cluster: Cluster, { members }: Pods): Promise<LeftOver[] | undefined> {
  const leader = members.find(({ status }) => status?.active);
  if (leader === undefined) return undefined;
  try {
    const { ledger } = await openLedger(cluster, await cluster.members.connect(leader.pod));
    return ledger === undefined ? [] : leftOverIn(ledger);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    cluster.run.log.debug({ error: error.message }, "cannot read the ledger");
    return undefined;
  }
}

/** Returns the Raft peers, which Vault shows only to a token, or undefined without a login. */
async function peers(cluster: Cluster, { members }: Pods): Promise<Peer[] | undefined> {
  const leader = members.find(({ status }) => status?.active);
  if (leader === undefined) return undefined;
  try {
    return await withLogin(cluster, await cluster.members.connect(leader.pod), readerLogin, readPeers, {
      retry: false,
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { message, todo } = error;
    cluster.run.log.warn({ error: message, todo }, "cannot read the Raft peers: who votes and who is dead is unknown");
    return undefined;
  }
}

/** Keeps every field in the JSON: an unknown value is null. */
function nullForUnknown(_key: string, value: unknown): unknown {
  return value === undefined ? null : value;
}

const columns = ["pod", "initialised", "sealed", "role", "voter", "version", "cluster", "note"];

function show({ settings: { color } }: Run, { pods, leftOver }: FullStatus, health: Health | undefined): string {
  const members = table(columns, pods.map(rowOf), { color, mood }) + showLeftOver(leftOver);
  return health === undefined ? members : members + showHealth(health, color);
}

function showLeftOver(leftOver: readonly LeftOver[] | undefined): string {
  const lines = (leftOver ?? []).map(({ kind, path }) => `  ${kind} ${path}\n`);
  return `left over: ${leftOver === undefined ? "?" : leftOver.length}\n${lines.join("")}`;
}

function rowOf(pod: PodStatus): Record<string, string | undefined> {
  return {
    pod: pod.pod,
    initialised: yesNo(pod.initialised),
    sealed: yesNo(pod.sealed),
    role: pod.role ?? (pod.sealed === false ? "no leader" : "?"),
    voter: yesNo(pod.voter),
    version: pod.version ?? "?",
    cluster: pod.cluster ?? "?",
    note: pod.silence ?? "",
  };
}

function yesNo(value: boolean | undefined): string {
  if (value === undefined) return "?";
  return value ? "yes" : "no";
}

function mood(column: string, value: string): "good" | "bad" | undefined {
  if (column === "sealed" && value !== "?") return value === "no" ? "good" : "bad";
  if (column === "initialised" && value !== "?") return value === "yes" ? "good" : "bad";
  return value === "removed" || value === "no leader" || column === "note" ? "bad" : undefined;
}
