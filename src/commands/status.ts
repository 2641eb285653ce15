import { observePods, type Pods } from "../bring-up/observe.ts";
import { type Peer, type PodStatus, readPeers, type Status, statusOf } from "../bring-up/status.ts";
import { type Cluster, withConnection } from "../connect/connection.ts";
import { AppError, ExitCode } from "../errors.ts";
import { withLogin } from "../login/login.ts";
import { type LeftOver, leftOverIn } from "../plan-apply/ledger/left-over.ts";
import { openLedger } from "../plan-apply/ledger/store.ts";
import type { Run } from "../run.ts";
import { table } from "../util/table.ts";
import { type Command, clusterFlags } from "./command.ts";

export const status: Command = {
  name: "status",
  describe: "Show the state of each pod; exit 3 unless Vault is healthy",
  flags: [...clusterFlags, "token-file"],
  async run(run) {
    const seen = await withConnection(run, observeAll);
    run.print(run.settings.output === "json" ? `${JSON.stringify(seen, nullForUnknown)}\n` : show(run, seen));
    return seen.healthy ? ExitCode.done : ExitCode.notReady;
  },
};

/** `leftOver` is undefined if the ledger cannot be read. */
type Shown = Status & { readonly leftOver: readonly LeftOver[] | undefined };

/** Needs no access to custody: without it only `leftOver` is unknown. */
async function observeAll(cluster: Cluster): Promise<Shown> {
  const seen = await observePods(cluster);
  const [status, leftOver] = [statusOf(seen, await peers(cluster, seen)), await leftOvers(cluster, seen)];
  return { ...status, leftOver };
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
    return await withLogin(cluster, await cluster.members.connect(leader.pod), readPeers, { retry: false });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    cluster.run.log.debug({ error: error.message }, "cannot read the Raft peers");
    return undefined;
  }
}

/** Keeps every field in the JSON: an unknown value is null. */
function nullForUnknown(_key: string, value: unknown): unknown {
  return value === undefined ? null : value;
}

const columns = ["pod", "initialised", "sealed", "role", "voter", "version", "cluster", "note"];

function show({ settings }: Run, { pods, leftOver }: Shown): string {
  const lines = (leftOver ?? []).map(({ kind, path }) => `  ${kind} ${path}\n`);
  const count = leftOver === undefined ? "?" : leftOver.length;
  return `${table(columns, pods.map(rowOf), { color: settings.color, mood })}left over: ${count}\n${lines.join("")}`;
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
