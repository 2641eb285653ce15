import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { refreshAnnotation } from "../../cluster/applications.ts";
import { applicationNames } from "../../cluster/cluster.ts";
import type { Api, KubeObject } from "./api.ts";

type InitiatedBy = { readonly username?: string; readonly automated?: boolean };

type Operation = {
  readonly operation?: { readonly initiatedBy?: InitiatedBy };
  readonly phase: string;
  readonly message?: string;
  readonly retryCount?: number;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly syncResult?: {
    readonly revision?: string;
    readonly revisions?: readonly string[];
    readonly resources?: ReadonlyArray<{ name: string; hookPhase?: string; hookType?: string; message?: string }>;
  };
};

export type Application = KubeObject & {
  readonly spec: { readonly syncPolicy: { readonly syncOptions?: readonly string[]; readonly retry: object } };
  readonly status?: {
    readonly sync?: { readonly status: string; readonly revision?: string; readonly revisions?: readonly string[] };
    readonly health?: { readonly status: string };
    readonly operationState?: Operation;
    readonly history?: ReadonlyArray<{ readonly initiatedBy?: InitiatedBy }>;
    readonly conditions?: ReadonlyArray<{ type: string; message: string }>;
  };
};

export type ApplicationName = (typeof applicationNames)[number];

const base = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications";

export function application(api: Api, name: string): Promise<Application> {
  return api.get<Application>(`${base}/${name}`);
}

/**
 * Reads the root's health, which is that of its least healthy child, by the customisation in apps/argocd. A child's own status
 * would not do: there, Argo CD leaves out hooks.
 */
export async function rootHealth(api: Api): Promise<string> {
  return (await application(api, "root")).status?.health?.status ?? "Unknown";
}

/** Notifies Argo CD of a change to the repository, as a Git host's webhook does. It would poll within five minutes otherwise. */
export async function announce(api: Api): Promise<void> {
  for (const name of applicationNames) await requestRefresh(api, name);
}

async function requestRefresh(api: Api, name: string): Promise<void> {
  const body = { metadata: { annotations: { [refreshAnnotation]: "normal" } } };
  await api.patch(`${base}/${name}`, body).catch(() => {}); // may not exist yet, or no longer
}

/** Starts a full sync with its hooks, as `argocd app sync` does. */
export async function resync(api: Api, name: ApplicationName): Promise<void> {
  const { syncOptions, retry } = (await application(api, name)).spec.syncPolicy;
  const operation = { initiatedBy: { username: "e2e" }, sync: { syncStrategy: { hook: {} }, syncOptions }, retry };
  await api.patch(`${base}/${name}`, { operation });
}

/**
 * Waits until every Application is Synced and Healthy after a successful sync, and those from Git are at this commit. Announces it again
 * where Argo CD compared an earlier commit: it removes the annotation after a comparison, and with it one that came meanwhile.
 *
 * @param timeoutMs in milliseconds
 */
export async function converged(api: Api, commit: string, timeoutMs: number): Promise<void> {
  let why = "";
  await until(
    `all Applications at ${commit.slice(0, 8)}`,
    deadlineIn(timeoutMs),
    async () => {
      const all = await api.list<Application>(base);
      const missed = all.filter(
        (app) => isBehind(app, commit) && app.metadata.annotations?.[refreshAnnotation] === undefined,
      );
      for (const { metadata } of missed) await requestRefresh(api, metadata.name);
      why = applicationNames
        .map((name) =>
          whyNotConverged(
            name,
            all.find(({ metadata }) => metadata.name === name),
            commit,
          ),
        )
        .filter((each) => each !== undefined)
        .join("; ");
      return why === "" ? true : undefined;
    },
    () => why,
  );
}

function whyNotConverged(name: string, app: Application | undefined, commit: string): string | undefined {
  if (app === undefined) return `${name} does not exist`;
  const { sync, health, operationState: op, conditions } = app.status ?? {};
  const trouble = conditions?.find(({ type }) => /Error$/.test(type))?.message;
  const status = `${sync?.status}, ${health?.status}, ${op?.phase}: ${trouble ?? op?.message ?? ""}`.slice(0, 300);
  if (sync?.status !== "Synced" || health?.status !== "Healthy" || op?.phase !== "Succeeded")
    return `${name} ${status}`;
  return isBehind(app, commit) ? `${name} is at ${revisionOf(app)?.slice(0, 8)}` : undefined;
}

/** Whether an Application from Git was last compared with another commit. */
function isBehind(app: Application, commit: string): boolean {
  return app.metadata.name !== "vault-secrets-operator" && app.status?.sync !== undefined && revisionOf(app) !== commit;
}

function revisionOf({ status }: Application): string | undefined {
  return status?.sync?.revisions?.at(-1) ?? status?.sync?.revision;
}

/**
 * Waits until the root is Degraded.
 *
 * @param timeoutMs in milliseconds
 */
export async function rootDegraded(api: Api, timeoutMs: number): Promise<void> {
  let last = "";
  await until(
    "the root to be Degraded",
    deadlineIn(timeoutMs),
    async () => {
      last = await rootHealth(api);
      return last === "Degraded" ? true : undefined;
    },
    () => `it is ${last}`,
  );
}
