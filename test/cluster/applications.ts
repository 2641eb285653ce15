import { setTimeout as delay } from "node:timers/promises";
import { deadlineIn, left } from "../../src/util/deadline.ts";
import type { Kubectl } from "./kubectl.ts";
import type { Report } from "./progress.ts";

/** One Argo CD Application, as far as it is shown here. */
export type Application = {
  name: string;
  sync: string;
  health: string;
  /** The revision of its last source, which is its Git source. */
  revision: string;
  /** The repositories of its sources, each with the revision that was compared with the cluster. */
  sources: ReadonlyArray<{ repository: string; revision: string }>;
  /** Argo CD was asked to look at the repository again, and has not yet done so. */
  refreshing: boolean;
  /** The last operation's phase; "" before the first. Hooks run within an operation, and the health leaves them out. */
  phase: string;
  message: string;
};

type Source = { repoURL?: string };
type Listed = {
  items: Array<{
    metadata: { name: string; annotations?: Record<string, string> };
    spec?: { source?: Source; sources?: Source[] };
    status?: {
      sync?: { status?: string; revision?: string; revisions?: string[] };
      health?: { status?: string };
      operationState?: { phase?: string; message?: string };
    };
  }>;
};

/** Asks Argo CD to compare an Application now. Argo CD removes it after the comparison. */
export const refreshAnnotation = "argocd.argoproj.io/refresh";

/** Reads all Applications, by name. */
export async function readApplications(kubectl: Kubectl): Promise<Application[]> {
  const listed: Listed = JSON.parse(await kubectl(["-n", "argocd", "get", "applications.argoproj.io", "-o", "json"]));
  return listed.items.map(({ metadata, spec, status }) => {
    const revisions = status?.sync?.revisions ?? [status?.sync?.revision ?? ""];
    const sources = spec?.sources ?? (spec?.source ? [spec.source] : []);
    return {
      name: metadata.name,
      sync: status?.sync?.status ?? "Unknown",
      health: status?.health?.status ?? "Unknown",
      revision: revisions.at(-1) ?? "",
      sources: sources.map(({ repoURL = "" }, i) => ({ repository: repoURL, revision: revisions[i] ?? "" })),
      refreshing: metadata.annotations?.[refreshAnnotation] !== undefined,
      phase: status?.operationState?.phase ?? "",
      message: status?.operationState?.phase === "Succeeded" ? "" : (status?.operationState?.message ?? ""),
    };
  });
}

/** Makes Argo CD look at the repository now, instead of within its polling interval of some minutes. */
export async function refreshApplication(kubectl: Kubectl, name: string): Promise<void> {
  const annotation = `${refreshAnnotation}=normal`;
  await kubectl(["-n", "argocd", "annotate", "applications.argoproj.io", name, annotation, "--overwrite"]);
}

/** Starts a full sync with its hooks, as `argocd app sync` does, with the Application's own sync options. */
export async function syncApplication(kubectl: Kubectl, name: string): Promise<void> {
  const get = ["-n", "argocd", "get", "applications.argoproj.io", name, "-o", "json"];
  const { syncOptions, retry } = JSON.parse(await kubectl(get)).spec?.syncPolicy ?? {};
  const operation = { initiatedBy: { username: "make-up" }, sync: { syncStrategy: { hook: {} }, syncOptions }, retry };
  const patch = ["patch", "applications.argoproj.io", name, "--type", "merge", "-p", JSON.stringify({ operation })];
  await kubectl(["-n", "argocd", ...patch]);
}

export type Wanted = {
  /** Applications that must exist: a child that the root has not yet made cannot be counted. */
  readonly names: readonly string[];
  /** The commit that the root must be at; undefined where the repository is not served here. */
  readonly commit?: string | undefined;
  readonly timeoutMs: number;
};

/**
 * Waits until every Application is Synced and Healthy, and each that comes from the root's repository is at the root's commit.
 * @throws Error at the end of the time, with the state of each Application
 */
export async function applicationsHealthy(kubectl: Kubectl, wanted: Wanted, report: Report): Promise<Application[]> {
  const deadline = deadlineIn(wanted.timeoutMs);
  const refreshed = new Set<string>();
  for (;;) {
    const applications = await readApplications(kubectl);
    const missing = wanted.names.filter((name) => !applications.some((each) => each.name === name));
    const behind = applicationsBehind(applications, wanted.commit);
    const unready = applications.filter((each) => !isDone(each) || behind.includes(each));
    if (missing.length === 0 && unready.length === 0) return applications;
    for (const { name } of behind) {
      // each is asked once: the root may have to make it known to the new commit first
      if (name !== "root" && !refreshed.has(name)) await refreshApplication(kubectl, name);
      refreshed.add(name);
    }
    const done = applications.length - unready.length;
    report(`${done} of ${wanted.names.length} healthy; waiting: ${waitingFor(unready, missing)}`.slice(0, 160));
    if (left(deadline) === 0)
      throw new Error(`not every Application became healthy:\n${applicationTable(applications)}`);
    await delay(Math.min(1000, left(deadline)));
  }
}

function waitingFor(unready: readonly Application[], missing: readonly string[]): string {
  const first = unready.find((each) => each.name !== "root") ?? unready[0];
  if (first === undefined) return missing.join(", ");
  return `${first.name} ${first.sync}, ${first.health}; ${first.message}`;
}

/**
 * Returns the Applications that have not yet compared the commit with the cluster. Pure.
 * @param commit the root's; its own revision where undefined
 */
export function applicationsBehind(applications: readonly Application[], commit: string | undefined): Application[] {
  const root = applications.find(({ name }) => name === "root");
  const [source] = root?.sources ?? [];
  if (root === undefined || source === undefined) return [];
  const expected = commit ?? source.revision;
  if (source.revision !== expected) return [root];
  return applications.filter(({ sources }) =>
    sources.some(({ repository, revision }) => repository === source.repository && revision !== expected),
  );
}

function isDone({ sync, health, phase, refreshing }: Application): boolean {
  return sync === "Synced" && health === "Healthy" && !refreshing && (phase === "Succeeded" || phase === "");
}

/** Returns a table for people. */
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
