import type { V1Secret } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { explainDelays } from "../support/delays.ts";
import { runSource } from "../support/programs.ts";
import { hookNames, milestones, runsOf, timelineTable } from "../support/timeline.ts";
import { readSample, tokenStatus, withVault } from "../support/vault.ts";
import { laterWaves, overlapping } from "../support/waves.ts";
import { hookLogs, rootTokenOf, type World } from "../support/world.ts";

/** In milliseconds. 90 s are usual; if Argo CD misses an event on a loaded machine, it looks again after two minutes. */
const limit = 300_000;

/** The results of one `kubectl apply` of root.yaml on a stock Argo CD, the first time and after a wipe. */
export function installation(title: string, world: () => World): void {
  describe(title, () => {
    test("passes every milestone in order, from root.yaml to the Secret", () => {
      const passed = milestones(world().recorder);

      console.log(timelineTable(title, world().from, passed));
      const delays = explainDelays(world().recorder, world().from, passed);
      if (delays !== "") console.log(delays);
      const secret = passed.find(({ what }) => what.startsWith("Secret"));
      const order = passed.slice(0, -2).map(({ moment }) => moment.revision);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect((secret?.moment.at ?? Number.POSITIVE_INFINITY) - world().from).toBeLessThan(limit);
    });

    test("runs each hook once, and none fails", () => {
      const ran = hookNames.map((name) => ({ name, ...runsOf(world().recorder, name) }));

      for (const { name, failed } of ran) if (failed > 0) console.log(hookLogs(world(), name));
      expect(ran).toEqual(hookNames.map((name) => ({ name, runs: 1, failed: 0 })));
    });

    test("runs each hook after the previous one has ended", () => {
      expect(overlapping(world().recorder)).toEqual([]);
    });

    test("creates no object of a later wave before the last hook has ended", async () => {
      const { looked, tooEarly } = await laterWaves(world().api, world().recorder);

      expect(looked).toBeGreaterThan(30);
      expect(tooEarly).toEqual([]);
    });

    test("copies the value from Vault into the application's Secret", async () => {
      const { data } = await world().api.get<V1Secret>("/api/v1/namespaces/app/secrets/secretkv");
      const inVault = await withVault(world().api, readSample);

      const decoded = (key: string) => Buffer.from(data?.[key] ?? "", "base64").toString();
      expect({ username: decoded("username"), password: decoded("password") }).toEqual(inVault.data.data);
      expect(decoded("password")).toHaveLength(32);
    });

    test("leaves no root token: its Secret is deleted, and Vault refuses the token", async () => {
      const found = await world().api.find("/api/v1/namespaces/vault-custody/secrets/vault-root-token");
      const status = await tokenStatus(world().api, rootTokenOf(world()));

      expect(found).toBeUndefined();
      expect(status).toBe(403);
    });

    test("ends with three members and a leader, as status shows", async () => {
      const { code, stdout } = await runSource(world().cluster.kubeconfig, ["status", "--output", "table"]);

      console.log(stdout);
      expect(code).toBe(0);
      expect(stdout.match(/^vault-[012]\b/gm)).toHaveLength(3);
      expect(stdout.match(/\bleader\b/g)?.length).toBeGreaterThanOrEqual(1);
    });
  });
}
