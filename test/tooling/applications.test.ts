import { expect, test } from "vitest";
import { applicationsHealthy, applicationTable, readApplications } from "../cluster/applications.ts";

function listed(...items: object[]): () => Promise<string> {
  return async () => JSON.stringify({ items });
}

function application(name: string, sync: string, health: string, revision = "c1", phase = "Succeeded"): object {
  const status = { sync: { status: sync, revision }, health: { status: health }, operationState: { phase } };
  return { metadata: { name }, status };
}

const wanted = { names: ["root", "vault"], commit: "c1", timeoutMs: 0 };

test("all are healthy once each is there, Synced, Healthy, and root at the commit", async () => {
  const kubectl = listed(application("root", "Synced", "Healthy"), application("vault", "Synced", "Healthy"));
  await expect(applicationsHealthy(kubectl, wanted, () => {})).resolves.toHaveLength(2);
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
  ["a child that is Degraded", [application("root", "Synced", "Healthy"), application("vault", "Synced", "Degraded")]],
  [
    "a root at an older commit",
    [application("root", "Synced", "Healthy", "c0"), application("vault", "Synced", "Healthy")],
  ],
])("%s is waited for, and told when time is up", async (_, items) => {
  const healthy = applicationsHealthy(listed(...items), wanted, () => {});
  await expect(healthy).rejects.toThrow("not every Application became healthy:\nAPPLICATION");
});

test("of an Application with several sources, the revision of the last one, its Git source, is told", async () => {
  const sync = { status: "Synced", revision: "", revisions: ["0.34.1", "c1"] };
  const [first] = await readApplications(listed({ metadata: { name: "vault" }, status: { sync } }));
  expect(first).toMatchObject({ revision: "c1", health: "Unknown" });
});

test("the table stands in columns", () => {
  const table = applicationTable([
    { name: "vault", sync: "Synced", health: "Healthy", revision: "", phase: "", message: "" },
    { name: "root", sync: "OutOfSync", health: "Progressing", revision: "", phase: "", message: "waiting" },
  ]);
  expect(table.split("\n")).toEqual([
    "APPLICATION  SYNC       HEALTH",
    "vault        Synced     Healthy",
    "root         OutOfSync  Progressing  waiting",
  ]);
});
