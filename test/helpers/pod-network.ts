import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../cluster/run.ts";
import { launch, type ServerProcess } from "./server-process.ts";
import { tempDir } from "./temp-dir.ts";

export type Target = { readonly name: string; readonly port: number; readonly protocol: "TCP" | "UDP" };

/**
 * Network namespaces that are connected as pods are on a node: each has one address, and the node routes between them. So what filters
 * forwarded packets on the node, as a network plugin does, sees all of them. Needs root.
 */
export type PodNetwork = {
  readonly address: (name: string) => string;
  /** The prefix of a command that runs on the node. */
  readonly onNode: readonly string[];
  /** Listens on these ports of an end. */
  listen(name: string, ports: readonly Omit<Target, "name">[]): Promise<void>;
  /** Tries connections from an end, all at once. @returns for each whether it was answered */
  tryAll(name: string, targets: readonly Target[]): Promise<boolean[]>;
  close(): Promise<void>;
};

/** The address of the node, on each of its links. */
const gateway = "169.254.1.1";
/** For a connection within the machine. A dropped packet of TCP is sent again after one second. */
const answerMs = 3000;

export async function podNetwork(names: readonly string[]): Promise<PodNetwork> {
  const dir = await tempDir("network");
  const id = randomBytes(3).toString("hex");
  const node = `vh-${id}-node`;
  const namespace = (name: string) => `vh-${id}-${indexOf(names, name)}`;
  const address = (name: string) => `10.244.0.${indexOf(names, name) + 10}`;
  const servers: ServerProcess[] = [];
  const { holder, inside } = await ownMounts(dir);
  const script = async (text: string) => await runIn(inside, ["sh", "-euc", text]);
  const inNamespace = (name: string) => [...inside, "ip", "netns", "exec", name];

  await script(nodeScript(node));
  for (const name of names) await script(podScript(node, namespace(name), address(name)));
  return {
    address,
    onNode: inNamespace(node),
    async listen(name, ports) {
      const logFile = join(dir, `${namespace(name)}.log`);
      const [command = "", ...prefix] = inNamespace(namespace(name));
      const args = [...prefix, process.execPath, "-e", listener, JSON.stringify(ports)];
      const server = launch({ name, command, args, logFile });
      servers.push(server);
      const [first] = ports;
      if (first === undefined) return;
      await server.ready(async () => {
        const own = await tryFrom(inNamespace(namespace(name)), [{ ...first, host: address(name) }]);
        return own[0] === true;
      });
    },
    tryAll: (name, targets) =>
      tryFrom(
        inNamespace(namespace(name)),
        targets.map(({ name: to, ...rest }) => ({ ...rest, host: address(to) })),
      ),
    async close() {
      for (const server of servers) await server.end("SIGKILL");
      for (const each of [...names.map(namespace), node])
        await runIn(inside, ["ip", "netns", "delete", each]).catch(() => "");
      await holder.end("SIGKILL");
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function indexOf(names: readonly string[], name: string): number {
  const index = names.indexOf(name);
  if (index < 0) throw new Error(`unknown end of the network: ${name}`);
  return index;
}

/**
 * Starts a process with mounts of its own. `ip netns add` mounts /run/netns over itself; a cluster on the same machine could then
 * no longer remove the network of a pod.
 *
 * @returns the process, and the prefix of a command that runs with its mounts
 */
async function ownMounts(dir: string): Promise<{ holder: ServerProcess; inside: readonly string[] }> {
  const pidFile = join(dir, "mounts.pid");
  const hold = ["sh", "-c", 'echo $$ > "$0"; exec sleep infinity', pidFile];
  const args = ["--mount", "--propagation", "private", ...hold];
  const holder = launch({ name: "mounts", command: "unshare", args, logFile: join(dir, "mounts.log") });
  let pid = "";
  await holder.ready(async () => {
    pid = (await readFile(pidFile, "utf8")).trim();
    return pid !== "";
  });
  return { holder, inside: ["nsenter", `--mount=/proc/${pid}/ns/mnt`, "--"] };
}

async function runIn(prefix: readonly string[], args: readonly string[]): Promise<string> {
  const [command = "", ...rest] = prefix;
  return await run(command, [...rest, ...args]);
}

async function tryFrom(prefix: readonly string[], targets: readonly object[]): Promise<boolean[]> {
  return JSON.parse(await runIn(prefix, [process.execPath, "-e", prober, JSON.stringify(targets)]));
}

function nodeScript(node: string): string {
  return `ip netns add ${node}
ip -n ${node} link set lo up
ip netns exec ${node} sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'`;
}

function podScript(node: string, pod: string, address: string): string {
  const link = `v${address.replace(/.*\./, "")}`;
  return `ip netns add ${pod}
ip -n ${pod} link set lo up
ip -n ${node} link add ${link} type veth peer name eth0 netns ${pod}
ip -n ${node} address add ${gateway}/32 dev ${link}
ip -n ${node} link set ${link} up
ip -n ${node} route add ${address} dev ${link}
ip -n ${pod} address add ${address}/32 dev eth0
ip -n ${pod} link set eth0 up
ip -n ${pod} route add ${gateway} dev eth0
ip -n ${pod} route add default via ${gateway}`;
}

/** Answers every connection and every datagram. */
const listener = `
for (const { port, protocol } of JSON.parse(process.argv[1])) {
  if (protocol === "TCP") require("net").createServer((socket) => socket.on("error", () => {}).end("x")).listen(port, "0.0.0.0");
  else {
    const socket = require("dgram").createSocket("udp4");
    socket.on("message", (_, { address, port }) => socket.send("x", port, address)).bind(port, "0.0.0.0");
  }
}`;

/** Prints for each target whether it answered. */
const prober = `
const tries = JSON.parse(process.argv[1]).map(({ host, port, protocol }) => new Promise((done) => {
  setTimeout(() => done(false), ${answerMs});
  if (protocol === "TCP") {
    require("net").connect({ host, port }).on("data", () => done(true)).on("error", () => done(false));
  } else {
    const socket = require("dgram").createSocket("udp4").on("message", () => done(true)).on("error", () => done(false));
    socket.send("x", port, host);
  }
}));
Promise.all(tries).then((answers) => { console.log(JSON.stringify(answers)); process.exit(); });`;
