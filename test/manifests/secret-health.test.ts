import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { only, render } from "../helpers/manifests.ts";
import { annotated, keyOf, ofOthers } from "./secret-cases.ts";

let data: Record<string, string>;

beforeAll(async () => {
  data = only(await render("apps"), "ConfigMap", "argocd-cm")["data"] as Record<string, string>;
}, 900_000);

describe("the health of the operator's objects with the annotation is what the operator reports of", () => {
  test.each(annotated)("%s", async (_which, object, expected) => {
    expect(await runHealth(data[keyOf(object)] ?? "", object)).toEqual(expected);
  });
});

describe("no wave waits for", () => {
  test.each(ofOthers)("%s", async (_which, object, expected) => {
    expect(await runHealth(data[keyOf(object)] ?? "", object)).toEqual(expected);
  });
});
