import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "./run.ts";

/**
 * The fields of an image's configuration that our images set.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/config.md
 */
export type ImageConfig = { Entrypoint?: string[]; Cmd?: string[]; Env?: string[]; User?: string; WorkingDir?: string };

/** Packs a folder as one layer, and keeps its owners and modes. */
export async function packLayer(dir: string, file: string): Promise<void> {
  await run("tar", ["--numeric-owner", "--sort=name", "-C", dir, "-cf", `${file}.unfinished`, "."]);
  await rename(`${file}.unfinished`, file);
}

/**
 * Writes an image as an archive in the format of `docker save`.
 *
 * @param ref the image's name with its tag
 * @param layers tar files, lowest first
 * @param archive path of the archive
 */
export async function writeArchive(
  ref: string,
  layers: readonly string[],
  config: ImageConfig,
  archive: string,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "vault-hooks-image-"));
  try {
    const digests: string[] = [];
    for (const layer of layers) {
      const digest = await sha256(layer);
      digests.push(digest);
      await symlink(layer, join(dir, `${digest}.tar`));
    }
    const diffIds = digests.map((digest) => `sha256:${digest}`);
    const architecture = process.arch === "x64" ? "amd64" : process.arch;
    const image = { architecture, os: "linux", config, rootfs: { type: "layers", diff_ids: diffIds } };
    await writeFile(join(dir, "config.json"), JSON.stringify(image));
    const manifest = [{ Config: "config.json", RepoTags: [ref], Layers: digests.map((digest) => `${digest}.tar`) }];
    await writeFile(join(dir, "manifest.json"), JSON.stringify(manifest));
    const members = ["manifest.json", "config.json", ...new Set(digests.map((digest) => `${digest}.tar`))];
    await run("tar", ["--dereference", "-C", dir, "-cf", archive, ...members]);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** @returns the file's SHA-256 in hexadecimal */
export async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
