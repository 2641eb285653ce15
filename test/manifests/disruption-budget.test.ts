import { beforeAll, describe, expect, test } from "vitest";
import { type Manifest, only, render } from "../helpers/manifests.ts";
import { type Application, sourcesOf } from "./application.ts";

type Labels = Readonly<Record<string, string>>;
type Budget = Manifest & {
  spec: { maxUnavailable: number; unhealthyPodEvictionPolicy: string; selector: { matchLabels: Labels } };
};
type Job = Manifest & { spec: { template: { metadata: { labels: Labels } } } };

let hooks: Manifest[];
let budget: Budget;

beforeAll(async () => {
  hooks = await render("hooks");
  budget = only(hooks, "PodDisruptionBudget", "vault") as Budget;
}, 900_000);

/** The labels that the official chart gives the pods of its release `vault`. */
const chart: Labels = { "app.kubernetes.io/name": "vault", "app.kubernetes.io/instance": "vault", component: "server" };

function isMatched(labels: Labels): boolean {
  return Object.entries(budget.spec.selector.matchLabels).every(([name, value]) => labels[name] === value);
}

describe("Vault's disruption budget", () => {
  test("allows one disruption, and never blocks the eviction of a pod that is not Ready", () => {
    expect(budget.metadata.namespace).toBe("vault");
    expect(budget.spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: "IfHealthyBudget" });
  });

  test.each([
    ["an unsealed member", { ...chart, "vault-sealed": "false", "vault-active": "false" }],
    ["the active member", { ...chart, "vault-sealed": "false", "vault-active": "true" }],
  ])("matches %s", (_, labels) => {
    expect(isMatched(labels)).toBe(true);
  });

  test.each([
    ["a sealed member", { ...chart, "vault-sealed": "true", "vault-active": "false" }],
    ["a member whose Vault has not started yet", chart],
    ["an unsealed Vault's pod that is no member", { ...chart, component: "csi", "vault-sealed": "false" }],
    ["a pod of another workload", { "vault-sealed": "false" }],
  ])("does not match %s", (_, labels) => {
    expect(isMatched(labels)).toBe(false);
  });

  test("matches no hook", () => {
    const jobs = hooks.filter(({ kind }) => kind === "Job") as Job[];

    expect(jobs).toHaveLength(4);
    expect(jobs.filter(({ spec }) => isMatched(spec.template.metadata.labels))).toEqual([]);
  });

  test("is the only one, since Kubernetes refuses to evict a pod that two budgets match", async () => {
    const vault = only(await render("apps"), "Application", "vault") as Application;
    const values = sourcesOf(vault)[0]?.helm?.valuesObject;

    expect(hooks.filter(({ kind }) => kind === "PodDisruptionBudget")).toHaveLength(1);
    expect(values).toMatchObject({ server: { ha: { disruptionBudget: { enabled: false } } } });
  });
});
