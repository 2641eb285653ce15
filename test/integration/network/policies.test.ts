import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { run } from "../../cluster/run.ts";
import { ensureServers } from "../../cluster/servers.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { type PodNetwork, podNetwork, type Target } from "../../helpers/pod-network.ts";
import { preparePodView } from "../../helpers/pod-view.ts";
import { launch, type ServerProcess } from "../../helpers/server-process.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import type { Pod } from "../../manifests/network.ts";
import { closedFlows, type Flow, type Network, networkOf, openFlows } from "../../manifests/network-flows.ts";

/**
 * A real network that enforces the policies: network namespaces as pods, and kube-network-policies on their node, as kind's own
 * network has it. It reads policies, namespaces and pods from a real API server.
 */
let dir: string;
let kube: KubeServer;
let expected: Network;
let network: PodNetwork;
let bridge: Server;
const processes: ServerProcess[] = [];

beforeAll(async () => {
  dir = await tempDir("policies");
  [kube, expected] = [await startKube(), await networkOf()];
  network = await podNetwork(Object.keys(expected.ends));
  await listenEverywhere();
  await createPods();
  await enforce();
}, 900_000);
afterAll(async () => {
  for (const each of processes.reverse()) await each.end("SIGKILL");
  bridge?.close();
  await network?.close();
  await kube?.close();
  await rm(dir, { recursive: true, force: true });
});

async function listenEverywhere(): Promise<void> {
  const ports = new Map<string, Map<string, Omit<Target, "name">>>();
  for (const [, to, port, protocol] of [...openFlows, ...closedFlows]) {
    const ofTarget = ports.get(to) ?? new Map();
    ports.set(to, ofTarget.set(`${port}/${protocol}`, { port, protocol }));
  }
  await Promise.all([...ports].map(([name, each]) => network.listen(name, [...each.values()])));
}

/** Creates namespaces and pods as the scheduler and the kubelet leave them: on a node, running, with an address. */
async function createPods(): Promise<void> {
  const pods = Object.entries(expected.ends).filter((each): each is [string, Pod] => each[1] !== "outside");
  // Pod Security would refuse pods that are not restricted
  const relevant = (labels: object) =>
    Object.fromEntries(Object.entries(labels).filter(([name]) => name.startsWith("vault-hooks.dev/")));
  const namespaces = new Map(pods.map(([, pod]) => [pod.namespace, relevant(pod.namespaceLabels ?? {})]));
  await Promise.all(
    [...namespaces].map(([name, labels]) =>
      kube.apply(JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } })),
    ),
  );
  await Promise.all(pods.map(([name, pod]) => createPod(name, pod)));
}

async function createPod(name: string, { namespace, labels, ports = {} }: Pod): Promise<void> {
  const [pod, ip] = [name.replaceAll(" ", "-").toLowerCase(), network.address(name)];
  const containers = [
    {
      name: "main",
      image: "none",
      ports: Object.entries(ports).map(([each, containerPort]) => ({ name: each, containerPort })),
    },
  ];
  const spec = { nodeName: "node", containers, automountServiceAccountToken: false };
  await kube.core.createNamespacedPod({ namespace, body: { metadata: { name: pod, labels }, spec } });
  const status = JSON.stringify({ status: { phase: "Running", podIP: ip, podIPs: [{ ip }] } });
  await kube.kubectl(["-n", namespace, "patch", "pod", pod, "--subresource=status", "--type=merge", "-p", status]);
}

/** Starts kube-network-policies on the node. It reaches the API server through a socket in the file system, which no network namespace separates. */
async function enforce(): Promise<void> {
  await kube.apply(account);
  const socket = join(dir, "api.sock");
  bridge = createServer((from) => {
    const to = connect({ host: kube.ip, port: Number(new URL(kube.url).port || 443) });
    for (const each of [from, to]) each.on("error", () => each.destroy());
    from.pipe(to).pipe(from);
  }).listen(socket);
  await once(bridge, "listening");
  onNode("bridge", [process.execPath, "-e", relay, kube.ip, kube.podEnv["KUBERNETES_SERVICE_PORT"] ?? "443", socket]);
  const { "kube-network-policies": program } = await ensureServers(["kube-network-policies"]);
  const view = await preparePodView(join(dir, "view"), await kube.podViewFor("kube-system", "network-policies"));
  const enforcer = onNode("kube-network-policies", [
    ...view,
    program,
    "--hostname-override=node",
    "--disable-nri",
    "--v=2",
  ]);
  await enforcer.ready(hasQueue);
  await queuePackets();
}

function onNode(name: string, command: readonly string[]): ServerProcess {
  const [first = "", ...args] = [...network.onNode, ...command];
  const started = launch({ name, command: first, args, env: kube.podEnv, logFile: join(dir, `${name}.log`) });
  processes.push(started);
  return started;
}

/** It queues packets by nftables, for which some kernels lack an expression. So iptables queues the first packet of each connection. */
async function queuePackets(): Promise<void> {
  const [first = "", ...args] = [...network.onNode, "iptables", "-w", "-A", "FORWARD"];
  await run(first, [...args, "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT"]);
  await run(first, [...args, "-j", "NFQUEUE", "--queue-num", "100"]);
}

/** The kernel hands packets to a program only once that has opened a queue. */
async function hasQueue(): Promise<boolean> {
  const [first = "", ...args] = network.onNode;
  return (await run(first, [...args, "cat", "/proc/net/netfilter/nfnetlink_queue"])).trim() !== "";
}

const relay = `const net = require("net");
net.createServer((from) => {
  const to = net.connect(process.argv[3]);
  for (const each of [from, to]) each.on("error", () => each.destroy());
  from.pipe(to).pipe(from);
}).listen(Number(process.argv[2]), process.argv[1]);`;

const account = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: network-policies, namespace: kube-system }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: network-policies }
rules:
  - { apiGroups: [""], resources: [namespaces, pods], verbs: [get, list, watch] }
  - { apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: [get, list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: network-policies }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: network-policies }
subjects: [{ kind: ServiceAccount, name: network-policies, namespace: kube-system }]
`;

/** Tries all connections at once. @returns those that were answered */
async function answered(flows: readonly Flow[]): Promise<Flow[]> {
  const bySource = [...Map.groupBy(flows, ([from]) => from)];
  const found = await Promise.all(
    bySource.map(async ([from, each]) => {
      const targets = each.map(([, name, port, protocol]) => ({ name, port, protocol }));
      const answers = await network.tryAll(from, targets);
      return each.filter((_, i) => answers[i]);
    }),
  );
  return found.flat();
}

describe("on a network that enforces policies", () => {
  test("every connection is open while there is no policy", async () => {
    const all = [...openFlows, ...closedFlows];

    expect(await answered(all)).toHaveLength(all.length);
  }, 300_000);

  test("the policies of this project refuse what they must, and nothing else", async () => {
    await kube.apply(expected.policies.map((each) => JSON.stringify(each)).join("\n---\n"));
    const [first] = closedFlows;
    await until("the policies to be in force", deadlineIn(60_000), async () =>
      first !== undefined && (await answered([first])).length === 0 ? true : undefined,
    );

    expect(sorted(await answered([...openFlows, ...closedFlows]))).toEqual(sorted(openFlows));
  }, 300_000);

  test("is not among the mounts of the machine, on which the pods of a cluster beside it depend", async () => {
    expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(" /run/netns/vh-");
  });
});

function sorted(flows: readonly Flow[]): string[] {
  return flows.map((each) => each.join(" ")).sort();
}
