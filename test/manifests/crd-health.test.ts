import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { only, render } from "../helpers/manifests.ts";

let script: string;

beforeAll(async () => {
  const data = only(await render("apps"), "ConfigMap", "argocd-cm")["data"] as Record<string, string>;
  script = data["resource.customizations.health.apiextensions.k8s.io_CustomResourceDefinition"] ?? "";
}, 900_000);

describe("a CustomResourceDefinition", () => {
  const condition = (type: string, status: string, message: string) => ({ type, status, message });
  const accepted = condition("NamesAccepted", "True", "no conflicts found");
  const established = condition("Established", "True", "the initial names have been accepted");
  const withConditions = (...conditions: object[]) => ({ metadata: {}, status: { conditions } });

  test.each([
    ["is Progressing before Kubernetes has checked it", { metadata: {} }, "Progressing", "not yet established"],
    ["is Progressing without conditions", { metadata: {}, status: {} }, "Progressing", "not yet established"],
    [
      "is Progressing while Kubernetes does not serve it yet",
      withConditions(accepted, condition("Established", "False", "not accepted")),
      "Progressing",
      "not yet established",
    ],
    [
      "is Progressing while it is being deleted",
      { ...withConditions(accepted, established), metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } },
      "Progressing",
      "being deleted",
    ],
    ["is Healthy once Kubernetes serves it", withConditions(accepted, established), "Healthy", established.message],
    [
      "is Degraded when its names are already in use",
      withConditions(condition("NamesAccepted", "False", '"vaultauths" is already in use')),
      "Degraded",
      'names not accepted: "vaultauths" is already in use',
    ],
    [
      "is Degraded when its schema is not structural",
      withConditions(accepted, established, condition("NonStructuralSchema", "True", "spec.x: Required value")),
      "Degraded",
      "schema is not structural: spec.x: Required value",
    ],
  ])("%s", async (_what, definition, status, message) => {
    expect(await runHealth(script, definition)).toEqual({ status, message });
  });
});
