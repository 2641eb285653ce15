import { setTimeout as delay } from "node:timers/promises";
import { deadlineIn, left } from "../../src/util/deadline.ts";
import type { Kubectl } from "./argocd.ts";
import type { Report } from "./progress.ts";

/** What is shown of one Argo CD Application. */
export type Application = {
  name: string;
  sync: string;
  health: string;
  revision: string;
  /** The last operation's phase; "" before the first. Hooks run within an operation, and health knows nothing of them. */
  phase: string;
  message: string;
};

type Listed = {
  items: Array<{
    metadata: { name: string };
    status?: {
      sync?: { status?: string; revision?: string; revisions?: string[] };
      health?: { status?: string };
      operationState?: { phase?: string; message?: string };
    };
  }>;
};

/** Reads all Applications, by name. */
export async function readApplications(kubectl: Kubectl): Promise<Application[]> {
  const listed: Listed = JSON.parse(await kubectl(["-n", "argocd", "get", "applications.argoproj.io", "-o", "json"]));
  return listed.items.map(({ metadata, status }) => ({
    name: metadata.name,
    sync: status?.sync?.status ?? "Unknown",
    health: status?.health?.status ?? "Unknown",
    revision: status?.sync?.revision || status?.sync?.revisions?.at(-1) || "",
    phase: status?.operationState?.phase ?? "",
    message: status?.operationState?.phase === "Succeeded" ? "" : (status?.operationState?.message ?? ""),
  }));
}

/**
 * Waits until every Application is Synced and Healthy, and root at the given commit.
 *
 * @param names those that must exist: a child that the root has not yet made is not there to be counted
 * @param timeoutMs how long, in milliseconds
 * @throws Error at the end of that time, with what each Application says
 */
export async function applicationsHealthy(
  kubectl: Kubectl,
  { names, commit, timeoutMs }: { names: readonly string[]; commit?: string | undefined; timeoutMs: number },
  report: Report,
): Promise<Application[]> {
  const deadline = deadlineIn(timeoutMs);
  for (;;) {
    const applications = await readApplications(kubectl);
    const missing = names.filter((name) => !applications.some((each) => each.name === name));
    const unready = applications.filter((each) => !isDone(each));
    const root = applications.find((each) => each.name === "root");
    const behind = commit !== undefined && root?.revision !== commit;
    if (missing.length === 0 && unready.length === 0 && !behind) return applications;
    const done = applications.length - unready.length;
    const first = unready.find((each) => each.name !== "root") ?? unready[0];
    const waiting = first
      ? `${first.name} ${first.sync}, ${first.health}; ${first.message}`
      : `for ${missing.join(", ") || "the commit"}`;
    report(`${done} of ${names.length} healthy; waiting: ${waiting}`.slice(0, 160));
    if (left(deadline) === 0)
      throw new Error(`not every Application became healthy:\n${applicationTable(applications)}`);
    await delay(Math.min(1000, left(deadline)));
  }
}

function isDone({ sync, health, phase }: Application): boolean {
  return sync === "Synced" && health === "Healthy" && (phase === "Succeeded" || phase === "");
}

/** A table for people. */
export function applicationTable(applications: readonly Application[]): string {
  const rows = [
    ["APPLICATION", "SYNC", "HEALTH", ""],
    ...applications.map((a) => [a.name, a.sync, a.health, a.message]),
  ];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 3 ? cell : cell.padEnd(width(i))))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
