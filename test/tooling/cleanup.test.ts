import { expect, test } from "vitest";
import { isShimOf, podNetwork } from "../cluster/cleanup.ts";

test("a pod's network namespace is found in what the network library remembers of it", () => {
  const interfaces = [{ name: "veth1" }, { name: "eth0", sandbox: "/var/run/netns/cni-1" }];
  const cached = JSON.stringify({ kind: "cniCacheV1", containerId: "abc", result: { interfaces } });

  expect(podNetwork(cached)).toEqual({ containerId: "abc", netns: "/var/run/netns/cni-1" });
});

test("a link that was never made has no namespace to remove", () => {
  expect(podNetwork('{"kind":"cniCacheV1","containerId":"abc"}')).toEqual({ containerId: "abc", netns: undefined });
});

test("the keeper of a container is known by the socket of its containerd, and another cluster's is let be", () => {
  const words = [
    "/usr/bin/containerd-shim-runc-v2",
    "-namespace",
    "k8s.io",
    "-id",
    "abc",
    "-address",
    "/state/c.sock",
    "",
  ];

  expect(isShimOf("/state/c.sock", words)).toBe(true);
  expect(isShimOf("/run/containerd/containerd.sock", words)).toBe(false);
  expect(isShimOf("/state/c.sock", ["/usr/bin/ctr", ...words.slice(1)])).toBe(false);
  expect(isShimOf("/state/c.sock", [""])).toBe(false);
});
