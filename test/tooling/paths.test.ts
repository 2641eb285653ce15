import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

/** Loads the modules as a process with this environment does. */
async function withEnv(env: Readonly<Record<string, string>>) {
  vi.resetModules();
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return { ...(await import("../cluster/paths.ts")), ...(await import("../cluster/images.ts")) };
}

test("the embedded and the kind cluster have folders of their own, so that make down of one leaves the other's", async () => {
  const embedded = await withEnv({ CLUSTER: "embedded", CLUSTER_CACHE: "/cache" });
  const kind = await withEnv({ CLUSTER: "kind", CLUSTER_CACHE: "/cache" });

  expect([embedded.stateDir, kind.stateDir]).toEqual(["/cache/state", "/cache/kind"]);
});

test("images are not made again when the cache was moved", async () => {
  const before = await withEnv({ CLUSTER_CACHE: "/cache" });
  const after = await withEnv({ CLUSTER_CACHE: "/elsewhere" });

  expect(await after.recipesKey()).toBe(await before.recipesKey());
});

test("no variable of make up has the prefix of the program's settings, which refuses those that it does not know", async () => {
  const { readSettings } = await import("../../src/settings.ts");

  const settings = () => readSettings({}, false, { CLUSTER: "kind", CLUSTER_CACHE: "/cache", CLUSTER_STATE: "/state" });

  expect(settings).not.toThrow();
});
