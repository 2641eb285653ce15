import { expect, test } from "vitest";
import { kindClusterExists, kindCommands } from "../cluster/kind.ts";

test("kind is told the cluster's name in every command that changes something", () => {
  const commands = [kindCommands.create("/state/kube"), kindCommands.load("/cache/image.tar"), kindCommands.delete()];

  expect(commands.map((args) => args.join(" "))).toEqual([
    "create cluster --name vault-hooks --kubeconfig /state/kube --wait 5m",
    "load image-archive /cache/image.tar --name vault-hooks",
    "delete cluster --name vault-hooks",
  ]);
});

test("the kubeconfig of a cluster that is there is written to our own file, not the user's", () => {
  expect(kindCommands.exportKubeconfig("/state/kube").join(" ")).toBe(
    "export kubeconfig --name vault-hooks --kubeconfig /state/kube",
  );
});

test.each([
  ["kind\nvault-hooks\n", true],
  ["vault-hooks-2\n", false],
  ["No kind clusters found.\n", false],
])("a cluster of our name is found by its whole name: %j", (printed, there) => {
  expect(kindClusterExists(printed)).toBe(there);
});
