import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { only, render } from "../helpers/manifests.ts";
import { annotated, keyOf, ofOthers } from "./secret-cases.ts";

let data: Record<string, string>;

beforeAll(async () => {
  data = only(await render("apps"), "ConfigMap", "argocd-cm")["data"] as Record<string, string>;
}, 900_000);

describe("a VaultAuth or VaultStaticSecret with the annotation has the health that the operator reports:", () => {
  test.each(annotated)("%s", async (_which, object, expected) => {
    expect(await runHealth(data[keyOf(object)] ?? "", object)).toEqual(expected);
  });
});

describe("no wave waits for an object of the operator without our annotation:", () => {
  test.each(ofOthers)("%s", async (_which, object, expected) => {
    expect(await runHealth(data[keyOf(object)] ?? "", object)).toEqual(expected);
  });
});
