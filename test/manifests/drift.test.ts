import { beforeAll, describe, expect, test } from "vitest";
import { readSettings } from "../../src/settings.ts";
import { isHook, type Manifest, only, render, wave } from "../helpers/manifests.ts";
import { imageRef } from "../image/build.ts";

type Container = Record<string, unknown> & { args: string[]; resources: object };
type PodSpec = Record<string, unknown> & { containers: Container[] };
type JobSpec = { backoffLimit: number; activeDeadlineSeconds: number; template: { spec: PodSpec } };
type CronJob = Manifest & { spec: Record<string, unknown> & { jobTemplate: { spec: JobSpec } } };

let hooks: Manifest[];
let cronJob: CronJob;

beforeAll(async () => {
  hooks = await render("hooks");
  cronJob = only(hooks, "CronJob", "vault-drift") as CronJob;
}, 900_000);

function podOf({ template }: JobSpec): { pod: PodSpec; container: Container } {
  const [container, ...more] = template.spec.containers;
  if (container === undefined || more.length > 0) throw new Error("expected one container");
  return { pod: template.spec, container };
}

describe("the comparison with Git", () => {
  test("is a hook after configure, so that its health stops no sync", () => {
    expect(isHook(cronJob)).toBe(true);
    expect(cronJob.metadata.annotations).toMatchObject({
      "argocd.argoproj.io/hook": "PostSync",
      "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    });
    expect(wave(cronJob)).toBeGreaterThan(wave(only(hooks, "Job", "vault-configure")));
  });

  test("runs every 15 minutes, never twice at once, and ends before the next one", () => {
    const { backoffLimit, activeDeadlineSeconds } = cronJob.spec.jobTemplate.spec;
    const data = only(hooks, "ConfigMap", "vault-hooks-settings")["data"] as Record<string, string>;

    expect(cronJob.spec).toMatchObject({ schedule: "*/15 * * * *", concurrencyPolicy: "Forbid" });
    expect(backoffLimit).toBe(0);
    expect(activeDeadlineSeconds * 1000).toBeGreaterThan(readSettings({}, false, data).timeoutMs + 30_000);
    expect(activeDeadlineSeconds).toBeLessThan(15 * 60);
  });

  test("runs plan, for which drift is no failure, in the pod of configure, with an account that can only read", () => {
    const { pod, container } = podOf(cronJob.spec.jobTemplate.spec);
    const configure = podOf((only(hooks, "Job", "vault-configure") as Manifest & { spec: JobSpec }).spec);
    const others = (each: PodSpec) => ({ ...each, containers: [] });

    expect(container).toEqual({ ...configure.container, name: "drift", args: ["plan", "--changes-exit-code=0"] });
    expect(others(pod)).toEqual({ ...others(configure.pod), serviceAccountName: "vault-hooks-plan" });
    expect(container["image"]).toBe(imageRef);
  });
});
