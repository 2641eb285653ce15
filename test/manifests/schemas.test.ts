import { beforeAll, describe, expect, test } from "vitest";
import { type Manifest, only, render, renderedFolders } from "../helpers/manifests.ts";
import { loadSchemas, type Validate } from "../helpers/schemas.ts";

let validate: Validate;
const rendered: Record<string, Manifest[]> = {};

beforeAll(async () => {
  validate = await loadSchemas();
  for (const folder of renderedFolders) rendered[folder] = await render(folder);
}, 900_000);

describe("schemas", () => {
  test.each(renderedFolders)("every object of %s fits its schema", (folder) => {
    const errors = (rendered[folder] ?? []).flatMap(validate);

    expect(rendered[folder]).not.toHaveLength(0);
    expect(errors).toEqual([]);
  });

  test("a misspelt field deep in a Job is found", () => {
    const job = structuredClone(only(rendered["hooks"] ?? [], "Job", "vault-init"));
    const spec = job["spec"] as { template: { spec: { containers: Record<string, unknown>[] } } };
    Object.assign(spec.template.spec.containers[0] ?? {}, { imagePullPolcy: "Always" });

    expect(validate(job)).toEqual([
      "Job vault/vault-init: /spec/template/spec/containers/0 must NOT have additional properties (imagePullPolcy)",
    ]);
  });

  test("a misspelt field and a wrong type in an Application are found", () => {
    const app = structuredClone(only(rendered["apps"] ?? [], "Application", "vault"));
    const spec = app["spec"] as { syncPolicy: { retry: Record<string, unknown> } };
    Object.assign(spec.syncPolicy.retry, { limits: 3, limit: "10" });

    expect(validate(app)).toEqual([
      "Application argocd/vault: /spec/syncPolicy/retry must NOT have additional properties (limits)",
      "Application argocd/vault: /spec/syncPolicy/retry/limit must be integer",
    ]);
  });

  test("a misspelt field in an operator's object is found", () => {
    const secret = structuredClone(only(rendered["apps/demo"] ?? [], "VaultStaticSecret", "vault-kv-app"));
    Object.assign(secret["spec"] as object, { refreshafter: "30s" });

    expect(validate(secret)).toHaveLength(1);
  });

  test("a kind that nothing serves is found", () => {
    const odd = { apiVersion: "v1", kind: "Sercet", metadata: { name: "x" } };

    expect(validate(odd)).toEqual(["Sercet x: no schema for v1 Sercet"]);
  });
});
