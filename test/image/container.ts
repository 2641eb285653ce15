import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, type Finished, run } from "../cluster/run.ts";

/** The parts of an image's configuration that a container runtime uses. */
type ImageConfig = {
  readonly architecture: string;
  readonly config: {
    readonly User: string;
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly WorkingDir: string;
    readonly Labels: Readonly<Record<string, string>>;
  };
};

/** An image on disk: its layers as tar files, and its root filesystem. The caller removes `folder`. */
export type Unpacked = ImageConfig & {
  readonly names: readonly string[];
  readonly folder: string;
  readonly rootfs: string;
  readonly layers: readonly string[];
};

/** @param archive a docker-archive whose layers delete no files of lower layers: each is unpacked over the others */
export async function unpackImage(archive: string): Promise<Unpacked> {
  const folder = await mkdtemp(join(tmpdir(), "vault-hooks-container-"));
  await run("tar", ["-xf", archive, "-C", folder]);
  const [manifest] = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as [
    { Config: string; Layers: string[]; RepoTags: string[] },
  ];
  const rootfs = join(folder, "rootfs");
  await mkdir(rootfs);
  const layers = manifest.Layers.map((layer) => join(folder, layer));
  for (const layer of layers) await run("tar", ["-xf", layer, "-C", rootfs]);
  const image = JSON.parse(await readFile(join(folder, manifest.Config), "utf8")) as ImageConfig;
  return { ...image, names: manifest.RepoTags, folder, rootfs, layers };
}

export type ContainerOptions = {
  /** Container paths by host path, mounted read-only. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly env?: readonly string[];
};

/**
 * Runs the image as `docker run --read-only --network host --cap-drop ALL IMAGE args…` would, by runc.
 *
 * @returns the exit code and the output of the entrypoint
 */
export async function runContainer(image: Unpacked, args: string[], options: ContainerOptions = {}): Promise<Finished> {
  const name = `vault-hooks-${randomUUID()}`;
  const bundle = join(image.folder, name);
  await mkdir(bundle);
  await writeFile(join(bundle, "config.json"), JSON.stringify(runtimeSpec(image, args, options)));
  try {
    return await attempt("runc", ["--root", join(image.folder, "runc"), "run", "--bundle", bundle, name]);
  } finally {
    await rm(bundle, { recursive: true });
  }
}

/** @see https://github.com/opencontainers/runtime-spec/blob/main/config.md */
function runtimeSpec(image: Unpacked, args: string[], { mounts = {}, env = [] }: ContainerOptions): object {
  const [uid, gid] = image.config.User.split(":").map(Number);
  return {
    ociVersion: "1.0.2",
    process: {
      user: { uid, gid },
      args: [...image.config.Entrypoint, ...args],
      env: [...image.config.Env, ...env],
      cwd: image.config.WorkingDir,
      capabilities: {},
      noNewPrivileges: true,
    },
    root: { path: image.rootfs, readonly: true },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] },
      ...Object.entries(mounts).map(([source, destination]) => ({
        destination,
        type: "bind",
        source,
        options: ["rbind", "ro"],
      })),
    ],
    linux: { namespaces: ["pid", "mount", "ipc", "uts"].map((type) => ({ type })) },
  };
}
