import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { projectDir } from "../cluster/paths.ts";
import { buildImage } from "../image/build.ts";
import { type Unpacked, unpackImage } from "../image/container.ts";
import { gzippedSize } from "../image/size.ts";
import { peakOf } from "./program.ts";

/**
 * Measures the time from the start of the image's program to its end (`--version`) and to its first request, its peak
 * memory and the image's size. A bare Node and the program from source, measured in turn, are the references. The
 * container runtime's own time is not included.
 */
type Program = { readonly command: string; readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv };
type Sample = { readonly ms: number; readonly peakMb: number };

const rounds = 15;
const settings = ["status", "--kubeconfig"];

const server = createServer();
const image = await unpackImage((await buildImage()).archive);
try {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await measure(image, server);
} finally {
  server.close();
  await rm(image.folder, { recursive: true, force: true });
}

async function measure(image: Unpacked, server: Server): Promise<void> {
  const kubeconfig = join(image.rootfs, "tmp/bench.kubeconfig");
  await writeFile(kubeconfig, kubeconfigOf((server.address() as AddressInfo).port));
  const inImage = (args: readonly string[]): Program => ({
    command: "chroot",
    args: [`--userspec=${image.config.User}`, image.rootfs, ...args],
    env: Object.fromEntries(image.config.Env.map((pair) => pair.split(/=(.*)/s).slice(0, 2))),
  });
  const program = inImage([...image.config.Entrypoint, ...settings, "/tmp/bench.kubeconfig"]);
  const source = {
    command: process.execPath, // the command `tsx` would start a second process
    args: ["--import", "tsx", join(projectDir, "src/cli.ts"), ...settings, kubeconfig],
    env: process.env,
  };
  const [node = "node"] = image.config.Entrypoint;
  const cases = {
    "image, to its first request": () => toFirstRequest(server, program),
    "image, to the exit of --version": () => toExit(inImage([...image.config.Entrypoint, "--version"])),
    "reference: from source by tsx, to its first request": () => toFirstRequest(server, source),
    "reference: a bare node, to its exit": () => toExit(inImage([node, "-e", "0"])),
  };
  const samples = Object.entries(cases).map(([name, sample]) => ({ name, sample, taken: [] as Sample[] }));
  for (let round = 0; round < rounds; round++) for (const { sample, taken } of samples) taken.push(await sample());
  console.table(Object.fromEntries(samples.map(({ name, taken }) => [name, summary(taken)])));
  await printSizes(image);
  console.log("Limits on a quiet machine: 200 ms, 45 MB compressed.");
}

function summary(taken: readonly Sample[]): Record<string, number> {
  const times = taken.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    "median ms": Math.round(times[Math.floor(times.length / 2)] ?? 0),
    "least ms": Math.round(times[0] ?? 0),
    "peak MB": Math.round(Math.max(...taken.map(({ peakMb }) => peakMb))),
  };
}

async function printSizes(image: Unpacked): Promise<void> {
  let layers = 0;
  for (const layer of image.layers) layers += await gzippedSize(layer);
  const node = await gzippedSize(join(image.rootfs, "usr/local/bin/node"));
  const row = (bytes: number) => ({ "MB compressed": Number((bytes / 1e6).toFixed(1)) });
  console.table({ "the image": row(layers), "reference: the stripped node alone": row(node) });
}

/** Answers each request with 404, on which the program ends. */
async function toFirstRequest(server: Server, program: Program): Promise<Sample> {
  let requestedAt: number | undefined;
  server.removeAllListeners("request").on("request", (_request, response) => {
    requestedAt ??= performance.now();
    response.writeHead(404, { "content-type": "application/json", connection: "close" });
    response.end('{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}');
  });
  const started = performance.now();
  const { peakMb } = await toExit(program);
  if (requestedAt === undefined) throw new Error(`${program.args.join(" ")} ended without a request`);
  return { ms: requestedAt - started, peakMb };
}

async function toExit({ command, args, env }: Program): Promise<Sample> {
  let peakMb = 0;
  const started = performance.now();
  const child = spawn(command, args, { env, stdio: "ignore" });
  const timer = setInterval(async () => {
    peakMb = Math.max(peakMb, await peakOf(child.pid));
  }, 10);
  await once(child, "exit");
  clearInterval(timer);
  return { ms: performance.now() - started, peakMb };
}

/** client-node accepts plain HTTP only if the verification of TLS is off. */
function kubeconfigOf(port: number): string {
  const cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
  return JSON.stringify({
    clusters: [{ name: "bench", cluster }],
    users: [{ name: "bench", user: { token: "none" } }],
    contexts: [{ name: "bench", context: { cluster: "bench", user: "bench" } }],
    "current-context": "bench",
  });
}
