import { describe, expect, it } from "vitest";
import { argocdObserver } from "../../../src/argocd/observer.ts";
import { DeniedError } from "../../../src/errors.ts";
import type { HookOutcome } from "../../../src/health/vault-health.ts";
import type { Kube, ObjectRef } from "../../../src/kube/kube.ts";
import { createLogger } from "../../../src/logger.ts";
import { readSettings } from "../../../src/settings.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { createMetrics } from "../../../src/util/metrics.ts";
import { emptyRound } from "../../helpers/round.ts";

const round = emptyRound();

const drifted = { exitCode: 10, finishedAt: "2026-11-29T10:00:00Z", message: "3 differences" };

/** A Kubernetes that has a VaultHealth with the outcome of a plan, and records the kinds that are read. */
function kubeWith(plan: HookOutcome, kinds: string[]): Kube {
  const kube: Partial<Kube> = {
    async customObject({ kind }: ObjectRef) {
      kinds.push(kind);
      if (kind !== "VaultHealth") return undefined;
      return { metadata: { resourceVersion: "1", uid: "1" }, status: { hooks: { plan } } };
    },
    async namespace() {
      kinds.push("Namespace");
      return undefined;
    },
  };
  return kube as Kube;
}

async function observe(flags: Record<string, string>, plan: HookOutcome = drifted) {
  const kinds: string[] = [];
  const metrics = createMetrics();
  const log = createLogger({ level: "info", output: "json", color: false }, () => undefined);
  const settings = readSettings(flags, false, {});
  await argocdObserver({ settings, log, kube: kubeWith(plan, kinds), metrics }).observe(round, deadlineIn(10_000));
  return { kinds, metrics: metrics.text() };
}

describe("without --application, the watcher", () => {
  it("reads no Application, not even one that is needed, and reports drift", async () => {
    const { kinds, metrics } = await observe({ "needed-applications": "argocd/root" });

    expect(kinds).toEqual(["VaultHealth"]);
    expect(metrics).toContain('vault_hooks_config_objects{state="drifted"} 3');
  });

  it("reports no drift if a plan found none, also if it could not compare all fields", async () => {
    const { metrics } = await observe({}, { ...drifted, exitCode: 0, message: "2 fields not compared" });

    expect(metrics).toContain('vault_hooks_config_objects{state="drifted"} 0');
  });
});

describe("with --application, the watcher", () => {
  it("reads that Application and each needed one", async () => {
    const { kinds } = await observe({ application: "argocd/vault", "needed-applications": "argocd/root" });

    expect(kinds).toEqual(["VaultHealth", "Namespace", "Application", "Application"]);
  });
});

it("what failed stays failed in the rounds before the next look, so that the log does not say that it works again", async () => {
  const denied = new DeniedError("Kubernetes denied it");
  const kube = { customObject: () => Promise.reject(denied) } as Partial<Kube> as Kube;
  const log = createLogger({ level: "info", output: "json", color: false }, () => undefined);
  const observer = argocdObserver({ settings: readSettings({}, false, {}), log, kube, metrics: createMetrics() });

  for (const clockMs of [0, 1000, 5000]) {
    await expect(observer.observe({ ...round, clockMs }, deadlineIn(10_000))).rejects.toBe(denied);
  }
});
