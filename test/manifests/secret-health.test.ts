import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { only, render } from "../helpers/manifests.ts";
import { annotated, ofOthers, secretKey } from "./secret-cases.ts";

let data: Record<string, string>;

beforeAll(async () => {
  data = only(await render("apps"), "ConfigMap", "argocd-cm")["data"] as Record<string, string>;
}, 900_000);

describe("a VaultStaticSecret with the annotation has the health that the operator reports:", () => {
  test.each(annotated)("%s", async (_which, object, expected) => {
    expect(await runHealth(data[secretKey] ?? "", object)).toEqual(expected);
  });
});

describe("no wave waits for a VaultStaticSecret without our annotation:", () => {
  test.each(ofOthers)("%s", async (_which, object, expected) => {
    expect(await runHealth(data[secretKey] ?? "", object)).toEqual(expected);
  });
});
