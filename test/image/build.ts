import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { glob, mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { cacheDir, projectDir } from "../cluster/paths.ts";
import { step } from "../cluster/progress.ts";
import { attempt, run } from "../cluster/run.ts";
import { type Arch, buildahEnv, makeBases } from "./bases.ts";

/** The name of the image in hooks/, with this version. */
export const imageRef = `ghcr.io/vault-hooks/vault-hooks:v${packageJson.version}`;

/** The files that the image is built from, and the recipe of the bases. */
const inputs = [
  "Dockerfile",
  ".dockerignore",
  "LICENSE",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "esbuild.config.ts",
  "src/**/*.ts",
  "test/image/bases.ts",
];

export type Image = { readonly ref: string; readonly archive: string };

/**
 * Builds the image from the Dockerfile and local bases, unless the cache has an image of the same inputs.
 *
 * @returns the name of the image, and the path of its docker-archive in the cache
 * @throws Error with the end of buildah's output
 */
export async function buildImage({ arch = "amd64" }: { arch?: Arch } = {}): Promise<Image> {
  const folder = join(cacheDir, "image");
  const archive = join(folder, `vault-hooks-${arch}-${await hashInputs()}.tar`);
  if (existsSync(archive)) return { ref: imageRef, archive };
  await mkdir(folder, { recursive: true });
  await step(`image for ${arch}`, async (report) => {
    const partial = `${archive}.${process.pid}`;
    try {
      await build(arch, partial, report);
      for await (const old of glob(`vault-hooks-${arch}-*.tar`, { cwd: folder })) await rm(join(folder, old));
      await rename(partial, archive);
    } finally {
      await rm(partial, { force: true });
    }
  });
  return { ref: imageRef, archive };
}

async function build(arch: Arch, archive: string, report: (at: string) => void): Promise<void> {
  const bases = await makeBases(arch, report);
  const buildArgs = {
    // Docker sets these itself; buildah does not for another architecture than the machine's
    BUILDPLATFORM: "linux/amd64",
    TARGETPLATFORM: `linux/${arch}`,
    BUILD_BASE: bases.build,
    NODE_BASE: bases.node,
    FINAL_BASE: bases.final,
    VERSION: packageJson.version,
    REVISION: (await attempt("git", ["rev-parse", "HEAD"], { cwd: projectDir })).stdout.trim() || "unknown",
  };
  const idFile = `${archive}.id`;
  const npmrc = join(homedir(), ".npmrc");
  const options = [
    ["build", "--platform", `linux/${arch}`, "--pull-never", "--layers=false", "--force-rm", "--iidfile", idFile],
    Object.entries(buildArgs).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    existsSync(npmrc) ? ["--secret", `id=npmrc,src=${npmrc}`] : [],
    // npm's cache
    ["--volume", `${(await run("npm", ["config", "get", "cache"])).trim()}:/root/.npm`],
    [projectDir],
  ];
  await run("buildah", options.flat(), { env: buildahEnv, onLine: (line) => report(line.trim().slice(0, 100)) });
  // by its id: an archive of a name would have all other names of the image too
  const id = (await readFile(idFile, "utf8")).trim().replace("sha256:", "");
  await rm(idFile);
  await run("buildah", ["push", "--quiet", id, `docker-archive:${archive}:${imageRef}`], { env: buildahEnv });
  // only the archive is needed; this fails if something else uses the image
  await attempt("buildah", ["rmi", id], { env: buildahEnv });
}

async function hashInputs(): Promise<string> {
  const hash = createHash("sha256");
  const files: string[] = [];
  for await (const file of glob(inputs, { cwd: projectDir })) files.push(file);
  for (const file of files.sort())
    hash
      .update(`${file}\0`)
      .update(await readFile(join(projectDir, file)))
      .update("\0");
  return hash.digest("hex").slice(0, 16);
}

if (import.meta.main)
  console.log(JSON.stringify(await buildImage({ arch: process.argv[2] === "arm64" ? "arm64" : "amd64" })));
