import { expect, test } from "vitest";
import { isShimOf, podNetwork } from "../cluster/cleanup.ts";

test("podNetwork returns a pod's network namespace from the cache of the CNI library", () => {
  const interfaces = [{ name: "veth1" }, { name: "eth0", sandbox: "/var/run/netns/cni-1" }];
  const cached = JSON.stringify({ kind: "cniCacheV1", containerId: "abc", result: { interfaces } });

  expect(podNetwork(cached)).toEqual({ containerId: "abc", netns: "/var/run/netns/cni-1" });
});

test("podNetwork returns no namespace for a pod whose link was never created", () => {
  expect(podNetwork('{"kind":"cniCacheV1","containerId":"abc"}')).toEqual({ containerId: "abc", netns: undefined });
});

test("isShimOf matches only containerd shims of the given socket", () => {
  const commandLine = [
    "/usr/bin/containerd-shim-runc-v2",
    "-namespace",
    "k8s.io",
    "-id",
    "abc",
    "-address",
    "/state/c.sock",
    "",
  ];

  expect(isShimOf("/state/c.sock", commandLine)).toBe(true);
  expect(isShimOf("/run/containerd/containerd.sock", commandLine)).toBe(false);
  expect(isShimOf("/state/c.sock", ["/usr/bin/ctr", ...commandLine.slice(1)])).toBe(false);
  expect(isShimOf("/state/c.sock", [""])).toBe(false);
});
