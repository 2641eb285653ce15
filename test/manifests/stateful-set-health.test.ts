import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { only, render } from "../helpers/manifests.ts";
import { byQuorum, sameAsBuiltIn, statefulSetKey } from "./stateful-set-cases.ts";

let script: string;

beforeAll(async () => {
  const data = only(await render("apps"), "ConfigMap", "argocd-cm")["data"] as Record<string, string>;
  script = data[statefulSetKey] ?? "";
}, 900_000);

describe("the health of a StatefulSet is that of Argo CD itself", () => {
  test.each(sameAsBuiltIn)("%s", async (_which, statefulSet, expected) => {
    expect(await runHealth(script, statefulSet)).toEqual(expected);
  });
});

describe("the health of a StatefulSet with the annotation depends on a quorum of Ready pods", () => {
  test.each(byQuorum)("%s", async (_which, statefulSet, expected) => {
    expect(await runHealth(script, statefulSet)).toEqual(expected);
  });
});
