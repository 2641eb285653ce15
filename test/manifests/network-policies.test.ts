import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { type Manifest, only, render } from "../helpers/manifests.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { allows, type NetworkPolicy, type Pod } from "./network.ts";
import { closedFlows, type Flow, type Network, networkOf, openFlows, policiesOf } from "./network-flows.ts";

let network: Network;
let rendered: Manifest[];
let policies: readonly NetworkPolicy[];

beforeAll(async () => {
  network = await networkOf();
  policies = network.policies;
  rendered = [...(await render("hooks")), ...(await render("hooks/watch"))];
}, 900_000);

function podNamed(name: string): Pod {
  const end = network.ends[name];
  if (end === undefined || end === "outside") throw new Error(`no pod: ${name}`);
  return end;
}

function isOpen([from, to, port, protocol]: Flow): boolean {
  const [source, target] = [network.ends[from], network.ends[to]];
  if (source === undefined || target === undefined) throw new Error(`unknown end: ${from} or ${to}`);
  return allows(policies, { from: source, to: target, port, protocol });
}

// test/integration/network tries the same on a network that enforces the policies
describe("the texts of the network policies", () => {
  test.each(openFlows)("let through %s to %s, port %i by %s", (...flow) => {
    expect(isOpen(flow)).toBe(true);
  });

  test.each(closedFlows)("refuse %s to %s, port %i by %s", (...flow) => {
    expect(isOpen(flow)).toBe(false);
  });
});

test("each policy may be deployed by the project of its Application", async () => {
  const project = only(await render("apps"), "AppProject", "vault-watch")["spec"] as {
    namespaceResourceWhitelist: object[];
  };

  expect(policies.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort()).toEqual([
    "vault-custody/no-traffic",
    "vault-watch/vault-watch",
    "vault/vault-hooks",
    "vault/vault-members",
  ]);
  expect(project.namespaceResourceWhitelist).toContainEqual({ group: "networking.k8s.io", kind: "NetworkPolicy" });
});

describe("a copy of hooks/", () => {
  async function copy(edit: (text: string) => string): Promise<Manifest[]> {
    const dir = await tempDir("hooks");
    await cp(join(projectDir, "hooks"), dir, { recursive: true });
    for (const file of ["kustomization.yaml", "watch/kustomization.yaml"])
      await writeFile(join(dir, file), edit(await readFile(join(dir, file), "utf8")));
    return [...(await render(dir)), ...(await render(join(dir, "watch")))];
  }

  test("has no NetworkPolicy with the Component no-network-policies, and everything else", async () => {
    const without = await copy((text) => text.replace(/# - (.*no-network-policies)/, "- $1"));
    const expected = rendered.filter(({ kind }) => !["NetworkPolicy", "ConfigMap"].includes(kind));

    expect(without.filter(({ kind }) => kind !== "ConfigMap")).toEqual(expected);
  }, 60_000);

  test("names the namespaces of its settings in the policies", async () => {
    const names = ["NAMESPACE=secrets", "WATCH_NAMESPACE=secrets-watch"];
    const literals = names.map((name) => `      - VAULT_HOOKS_${name}\n`).join("");
    const moved = policiesOf(await copy((text) => text.replace("literals:\n", `literals:\n${literals}`)));
    const member: Pod = { namespace: "secrets", labels: podNamed("a member").labels };
    const namespaceLabels = { "vault-hooks.dev/vault-client": "true" };
    const watch: Pod = { ...podNamed("watcher"), namespace: "secrets-watch", namespaceLabels };

    expect(moved.map(({ metadata }) => metadata.namespace).sort()).toEqual(["secrets", "secrets", "secrets-watch"]);
    expect(allows(moved, { from: watch, to: member, port: 8200 })).toBe(true);
    expect(allows(moved, { from: { ...watch, namespaceLabels: {} }, to: member, port: 8200 })).toBe(false);
    expect(allows(moved, { from: watch, to: { ...member, namespace: "vault" }, port: 8200 })).toBe(false);
  }, 60_000);
});
