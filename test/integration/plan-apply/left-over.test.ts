import { afterAll, beforeAll, expect, it } from "vitest";
import type { Outcome } from "../../helpers/run-cli.ts";
import { type ConfigFixture, startConfigFixture } from "../configure/fixture.ts";
import { type Json, part } from "../configure/sample.ts";

let fixture: ConfigFixture;

beforeAll(async () => {
  fixture = await startConfigFixture();
  await fixture.reset();
});
afterAll(() => fixture.close());

const mount = "auth: { people: { type: userpass, users: { ann: { password: planted-one } } } }";
const leaver = "auth: { people: { users: { bob: { password: planted-two } } } }";
const value = 'secrets: { kv: { type: kv, options: { version: "2" }, values: { app: { p: { generate: {} } } } } }';
const all = { "a.yaml": mount, "b.yaml": leaver, "c.yaml": value };

const leftOverOf = (outcome: Outcome) => (part(outcome, "plan") as Json)["leftOver"];
const leftOver = [
  { kind: "KV value", path: "kv/app", created: true },
  { kind: "secrets mount", path: "sys/mounts/kv", created: true },
  { kind: "userpass user", path: "auth/people/users/bob", created: true },
].sort((a, b) => (a.path < b.path ? -1 : 1));

async function status(): Promise<Json> {
  const outcome = await fixture.run("status");
  return JSON.parse(outcome.stdout) as Json;
}

it("what was removed from Git is listed by plan and configure, and by status after the next configure", async () => {
  expect((await fixture.run("configure", all)).code).toBe(0);
  expect((await status())["leftOver"]).toEqual([]);

  const planned = await fixture.run("plan", { "a.yaml": mount });
  const before = await status();
  const configured = await fixture.run("configure");
  const table = await fixture.run("plan", undefined, "--output=table");
  const statusTable = await fixture.run("status", undefined, "--output=table");

  expect(planned.code, planned.stderr).toBe(0);
  expect(configured.code, configured.stderr).toBe(0);
  for (const outcome of [planned, configured]) expect(leftOverOf(outcome)).toEqual(leftOver);
  expect(table.stdout).toContain("* userpass user auth/people/users/bob is left over: Git no longer declares it\n");
  expect(table.stdout).toContain("Plan: 0 to create, 0 to update, 2 unchanged, left over: 3.");
  expect(before["leftOver"]).toEqual([]);
  expect((await status())["leftOver"]).toEqual(leftOver);
  expect(statusTable.stdout).toContain("left over: 3\n");
  expect(statusTable.stdout).toContain("  userpass user auth/people/users/bob\n");
  expect((await fixture.request("GET", "auth/people/users/bob")).status).toBe(200);
});

it("what a person has deleted is not listed, and the next configure forgets it", async () => {
  await fixture.request("DELETE", "auth/people/users/bob");
  await fixture.request("DELETE", "sys/mounts/kv");

  const configured = await fixture.run("configure", { "a.yaml": mount });

  expect(leftOverOf(configured)).toEqual([]);
  expect((await status())["leftOver"]).toEqual([]);
});

it("what is declared again is not listed any more", async () => {
  await fixture.run("configure", all);
  await fixture.run("configure", { "a.yaml": mount });

  const again = await fixture.run("configure", all);

  expect(again.code, again.stderr).toBe(0);
  expect(leftOverOf(again)).toEqual([]);
  expect((await status())["leftOver"]).toEqual([]);
});
