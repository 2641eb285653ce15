import { expect, test } from "vitest";
import { podNetwork } from "../../cluster/cleanup.ts";

test("a pod's network namespace is found in what the network library remembers of it", () => {
  const interfaces = [{ name: "veth1" }, { name: "eth0", sandbox: "/var/run/netns/cni-1" }];
  const cached = JSON.stringify({ kind: "cniCacheV1", containerId: "abc", result: { interfaces } });

  expect(podNetwork(cached)).toEqual({ containerId: "abc", netns: "/var/run/netns/cni-1" });
});

test("a link that was never made has no namespace to remove", () => {
  expect(podNetwork('{"kind":"cniCacheV1","containerId":"abc"}')).toEqual({ containerId: "abc", netns: undefined });
});
