import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { only, render } from "../helpers/manifests.ts";
import {
  definitionKey,
  definitions,
  deletedDefinition,
  operatorsDefinitions,
  refusedDefinition,
} from "./definition-cases.ts";

let script: string;

beforeAll(async () => {
  const data = only(await render("apps"), "ConfigMap", "argocd-cm")["data"] as Record<string, string>;
  script = data[definitionKey] ?? "";
}, 900_000);

describe("the health of a CustomResourceDefinition is that of Argo CD 3.6:", () => {
  test.each(definitions)("%s", async (_which, definition, expected) => {
    expect(await runHealth(script, definition)).toEqual(expected);
  });
});

describe("a definition of the operator holds no wave, since Argo CD refreshes no Application when Kubernetes serves it:", () => {
  test.each(operatorsDefinitions)("%s", async (_when, definition, expected) => {
    expect(await runHealth(script, definition)).toEqual(expected);
  });

  test("but is Degraded when Kubernetes refuses it", async () => {
    expect(await runHealth(script, refusedDefinition)).toMatchObject({ status: "Degraded" });
  });

  test("and Progressing while it is being deleted", async () => {
    expect(await runHealth(script, deletedDefinition)).toMatchObject({ status: "Progressing" });
  });
});
