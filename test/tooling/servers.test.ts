import { expect, test } from "vitest";
import { ownGoMod } from "../cluster/servers.ts";
import { servers } from "../cluster/versions.ts";

test("ownGoMod pins Kubernetes' staging modules to the published modules of the same release", () => {
  const upstream = "module k8s.io/kubernetes\n\nreplace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n)\n";

  const own = ownGoMod(upstream, { module: "k8s.io/kubernetes", version: "v1.34.4" });

  expect(own).toContain("\tk8s.io/api => k8s.io/api v0.34.4\n");
  expect(own).not.toContain("./staging");
  expect(own).toContain("module vault-hooks.test/server\n");
  expect(own).toMatch(/\nrequire k8s\.io\/kubernetes v1\.34\.4\n$/);
});

test("ownGoMod drops other servers' relative replaces and keeps those with a version", () => {
  const upstream =
    "module example.org/a\nreplace example.org/b => ./b\nreplace example.org/c => ../c\nreplace d => e v1.0.0\n";

  const own = ownGoMod(upstream, { module: "example.org/a", version: "v1.2.3" });

  expect(own).toBe("module vault-hooks.test/server\nreplace d => e v1.0.0\n\nrequire example.org/a v1.2.3\n");
});

test("every server has a unique name, which is also its file in the cache", () => {
  const names = servers.map((each) => each.name);
  expect(new Set(names).size).toBe(names.length);
});
