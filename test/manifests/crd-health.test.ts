import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { only, render } from "../helpers/manifests.ts";
import { definitionKey, foreignDefinitions, ownDefinitions } from "./definition-cases.ts";

let script: string;

beforeAll(async () => {
  const data = only(await render("apps"), "ConfigMap", "argocd-cm")["data"] as Record<string, string>;
  script = data[definitionKey] ?? "";
}, 900_000);

describe("a CustomResourceDefinition of the operator or of this project", () => {
  test.each(ownDefinitions)("is %s", async (_which, definition, expected) => {
    expect(await runHealth(script, definition)).toEqual(expected);
  });
});

describe("a CustomResourceDefinition of somebody else is as Argo CD itself takes it", () => {
  test.each(foreignDefinitions)("%s", async (_which, definition, expected) => {
    expect(await runHealth(script, definition)).toEqual(expected);
  });
});
