import { expect, test } from "vitest";
import {
  applicationsBehind,
  applicationsHealthy,
  applicationTable,
  readApplications,
} from "../cluster/applications.ts";

function listed(...items: object[]): () => Promise<string> {
  return async () => JSON.stringify({ items });
}

const repoURL = "git://here/repository.git";

function application(name: string, sync: string, health: string, revision = "c1", phase = "Succeeded"): object {
  const status = { sync: { status: sync, revision }, health: { status: health }, operationState: { phase } };
  return { metadata: { name }, spec: { source: { repoURL } }, status };
}

/** A chart, and the values' hooks from Git. */
function twoSources(name: string, commit: string): object {
  const sync = { status: "Synced", revision: "", revisions: ["0.34.1", commit] };
  const status = { sync, health: { status: "Healthy" }, operationState: { phase: "Succeeded" } };
  return { metadata: { name }, spec: { sources: [{ repoURL: "https://charts" }, { repoURL }] }, status };
}

const wanted = { names: ["root", "vault"], commit: "c1", timeoutMs: 0 };

test("all Applications are healthy once each exists, is Synced and Healthy, and is at the commit", async () => {
  const kubectl = listed(application("root", "Synced", "Healthy"), twoSources("vault", "c1"));
  await expect(applicationsHealthy(kubectl, wanted, () => {})).resolves.toHaveLength(2);
});

test("an Application of a chart alone need not be at the commit", async () => {
  const chart = application("vault", "Synced", "Healthy", "0.10.0");
  const kubectl = listed(application("root", "Synced", "Healthy"), {
    ...chart,
    spec: { source: { repoURL: "https://charts" } },
  });
  await expect(applicationsHealthy(kubectl, wanted, () => {})).resolves.toHaveLength(2);
});

test("a child that is behind the root's commit is refreshed once", async () => {
  const calls: (readonly string[])[] = [];
  const kubectl = async (args: readonly string[]) => {
    calls.push(args);
    return JSON.stringify({ items: [application("root", "Synced", "Healthy"), twoSources("vault", "c0")] });
  };

  await expect(applicationsHealthy(kubectl, { ...wanted, timeoutMs: 1500 }, () => {})).rejects.toThrow();

  const annotated = calls.filter((args) => args.includes("annotate")).map((args) => args[4]);
  expect(annotated).toEqual(["vault"]);
});

test("children are compared with the root's own commit where the repository is not served here", () => {
  const source = (revision: string) => [{ repository: repoURL, revision }];
  const each = { sync: "Synced", health: "Healthy", refreshing: false, phase: "", message: "" };
  const root = { ...each, name: "root", revision: "c1", sources: source("c1") };
  const vault = { ...each, name: "vault", revision: "c0", sources: source("c0") };

  expect(applicationsBehind([root, vault], undefined)).toEqual([vault]);
});

test.each([
  ["a child that is not there yet", [application("root", "Synced", "Healthy")]],
  [
    "a child whose hooks still run",
    [application("root", "Synced", "Healthy"), application("vault", "Synced", "Healthy", "c1", "Running")],
  ],
  [
    "a child that is OutOfSync",
    [application("root", "Synced", "Healthy"), application("vault", "OutOfSync", "Healthy")],
  ],
  ["a child at an older commit", [application("root", "Synced", "Healthy"), twoSources("vault", "c0")]],
  [
    "an Application that has not yet looked at the repository again",
    [
      application("root", "Synced", "Healthy"),
      {
        ...application("vault", "Synced", "Healthy"),
        metadata: { name: "vault", annotations: { "argocd.argoproj.io/refresh": "normal" } },
      },
    ],
  ],
  ["a child that is Degraded", [application("root", "Synced", "Healthy"), application("vault", "Synced", "Degraded")]],
  [
    "a root at an older commit",
    [application("root", "Synced", "Healthy", "c0"), application("vault", "Synced", "Healthy")],
  ],
])("%s is waited for, and reported when time is up", async (_, items) => {
  const healthy = applicationsHealthy(listed(...items), wanted, () => {});
  await expect(healthy).rejects.toThrow("not every Application became healthy:\nAPPLICATION");
});

test("the revision of an Application with several sources is that of the last one, its Git source", async () => {
  const sync = { status: "Synced", revision: "", revisions: ["0.34.1", "c1"] };
  const [first] = await readApplications(listed({ metadata: { name: "vault" }, status: { sync } }));
  expect(first).toMatchObject({ revision: "c1", health: "Unknown" });
});

test("the table has columns", () => {
  const shown = { revision: "", sources: [], refreshing: false, phase: "" };
  const table = applicationTable([
    { ...shown, name: "vault", sync: "Synced", health: "Healthy", message: "" },
    { ...shown, name: "root", sync: "OutOfSync", health: "Progressing", message: "waiting" },
  ]);
  expect(table.split("\n")).toEqual([
    "APPLICATION  SYNC       HEALTH",
    "vault        Synced     Healthy",
    "root         OutOfSync  Progressing  waiting",
  ]);
});
