import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deadlineIn, until } from "../../src/util/deadline.ts";
import { kindCommands, kindProgram } from "../cluster/kind/commands.ts";
import { ensureDocker } from "../cluster/kind/docker.ts";
import { kindConfig } from "../cluster/kind/kind.ts";
import { ensureNodeImage } from "../cluster/kind/kind-node.ts";
import { projectDir, stateDir } from "../cluster/paths.ts";
import { attempt, type Finished, run } from "../cluster/run.ts";

/**
 * Gives `make up` wrong input on a real Docker and kind, and checks the message, how soon it comes, and that `make down` cleans up.
 * Usage: CLUSTER=kind tsx test/long/kind-input.ts
 */
type Expected = { readonly env: Record<string, string>; readonly message: RegExp };

const soon = 30_000; // milliseconds

const wrong: Readonly<Record<string, Expected>> = {
  "no kind and no Go": {
    env: {
      PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
      CLUSTER_CACHE: join(stateDir, "empty-cache"),
      CLUSTER_STATE: stateDir,
    },
    message: /CLUSTER=kind needs the program kind: https:/,
  },
  "a node image that does not exist": {
    env: { CLUSTER_NODE_IMAGE: "localhost/no-such-image:1" },
    message: /CLUSTER_NODE_IMAGE: Docker has no image localhost\/no-such-image:1, and no registry is reached/,
  },
  "a wrong number of workers": { env: { CLUSTER_WORKERS: "many" }, message: /CLUSTER_WORKERS: found "many"/ },
  "a wrong setting for the registry": {
    env: { CLUSTER_REGISTRY: "perhaps" },
    message: /CLUSTER_REGISTRY: found "perhaps", expected yes or no/,
  },
};

await ensureDocker();
for (const [name, { env, message }] of Object.entries(wrong)) await refused(name, env, message);
await foreignCluster();
await killedHalfWay();
console.log(
  `${Object.keys(wrong).length + 2} wrong inputs: each reported within ${soon / 1000} s, nothing left behind`,
);

function cluster(command: "up" | "down", env: Record<string, string> = {}): Promise<Finished> {
  const args = [join(projectDir, `test/cluster/${command}.ts`)];
  return attempt(process.execPath, args, { cwd: projectDir, env: { CLUSTER: "kind", ...env }, timeoutMs: 300_000 });
}

async function refused(name: string, env: Record<string, string>, message: RegExp): Promise<void> {
  const from = Date.now();
  const { code, stdout, stderr } = await cluster("up", env);
  const took = Date.now() - from;
  if (code !== 1 || !message.test(stderr) || took > soon) {
    throw new Error(`${name}: ended with ${code} after ${took} ms:\n${stdout.slice(-1000)}\n${stderr.slice(-2000)}`);
  }
}

/** A cluster of our name that somebody else made is neither used nor deleted. */
async function foreignCluster(): Promise<void> {
  const kind = await kindProgram();
  const kubeconfig = join(stateDir, "foreign.kubeconfig");
  const name = kindCommands.delete()[3] ?? "";
  const config = join(stateDir, "foreign.json");
  await writeFile(config, kindConfig());
  const image = ["--image", await ensureNodeImage(), "--config", config];
  await run(kind, ["create", "cluster", "--name", name, ...image, "--kubeconfig", kubeconfig]);
  try {
    await refused("a foreign cluster", {}, /Docker has a kind cluster called vault-hooks that `make up` did not make/);
    await cluster("down");
    await ensureDocker();
    const nodes = await run(kind, kindCommands.nodes());
    if (!nodes.includes("control-plane")) throw new Error("make down deleted a cluster that make up did not make");
  } finally {
    await run(kind, ["delete", "cluster", "--name", name, "--kubeconfig", kubeconfig]);
  }
}

async function killedHalfWay(): Promise<void> {
  const up = cluster("up");
  const kind = await kindProgram();
  const containers = async () => ((await run("docker", ["ps", "--quiet"])).trim() === "" ? undefined : true);
  await until("the node's container", deadlineIn(300_000), containers);
  await run("pkill", ["-KILL", "-f", "test/cluster/up.ts"]);
  await up;
  await cluster("down");
  const left = (await readdir(stateDir)).filter((entry) => entry !== "log");
  if (left.length > 0) throw new Error(`make down left ${left.join(", ")} in ${stateDir}`);
  await ensureDocker();
  const clusters = await run(kind, kindCommands.list());
  if (clusters.includes("vault-hooks")) throw new Error("make down left the cluster that was being made");
}
