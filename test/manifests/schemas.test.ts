import { beforeAll, describe, expect, test } from "vitest";
import { type Manifest, only, render, renderedFolders } from "../helpers/manifests.ts";
import { loadSchemas, type Validate } from "../helpers/schemas.ts";

let validate: Validate;
const rendered: Record<string, Manifest[]> = {};

beforeAll(async () => {
  validate = await loadSchemas();
  for (const folder of renderedFolders) rendered[folder] = await render(folder);
}, 900_000);

describe("the schemas", () => {
  test.each(renderedFolders)("accept every object of %s", (folder) => {
    const errors = (rendered[folder] ?? []).flatMap(validate);

    expect(rendered[folder]).not.toHaveLength(0);
    expect(errors).toEqual([]);
  });

  test("find a misspelt field deep in a Job", () => {
    const job = structuredClone(only(rendered["hooks"] ?? [], "Job", "vault-init"));
    const spec = job["spec"] as { template: { spec: { containers: Record<string, unknown>[] } } };
    Object.assign(spec.template.spec.containers[0] ?? {}, { imagePullPolcy: "Always" });

    expect(validate(job)).toEqual([
      "Job vault/vault-init: /spec/template/spec/containers/0 must NOT have additional properties (imagePullPolcy)",
    ]);
  });

  test("find a misspelt field and a wrong type in an Application", () => {
    const app = structuredClone(only(rendered["apps"] ?? [], "Application", "vault"));
    const spec = app["spec"] as { syncPolicy: { retry: Record<string, unknown> } };
    Object.assign(spec.syncPolicy.retry, { limits: 3, limit: "10" });

    expect(validate(app)).toEqual([
      "Application argocd/vault: /spec/syncPolicy/retry must NOT have additional properties (limits)",
      "Application argocd/vault: /spec/syncPolicy/retry/limit must be integer",
    ]);
  });

  test("find a misspelt field in an object of the operator", () => {
    const secret = structuredClone(only(rendered["apps/demo"] ?? [], "VaultStaticSecret", "vault-kv-app"));
    Object.assign(secret["spec"] as object, { refreshafter: "30s" });

    expect(validate(secret)).toHaveLength(1);
  });

  test("find a misspelt field in the status of VaultHealth", () => {
    const [health] = structuredClone(rendered["apps/vault-health"] ?? []) as Manifest[];
    const init = { exitCode: 0, finishedAt: "2026-11-29T12:00:00Z" };

    expect(validate({ ...health, status: { hooks: { init } } } as Manifest)).toEqual([]);
    expect(validate({ ...health, status: { hooks: { init: { ...init, mesage: "" } } } } as Manifest)).toEqual([
      "VaultHealth vault-watch/vault: /status/hooks/init must NOT have additional properties (mesage)",
    ]);
  });

  test("find a kind that no server knows", () => {
    const unknown = { apiVersion: "v1", kind: "Sercet", metadata: { name: "x" } };

    expect(validate(unknown)).toEqual(["Sercet x: no schema for v1 Sercet"]);
  });
});
