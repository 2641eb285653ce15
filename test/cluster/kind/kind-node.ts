import { createHash } from "node:crypto";
import { appendFile, chmod, cp, glob, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packLayer, writeArchive } from "../image-archive.ts";
import { binaryAt, busyboxLayer, debianMirror, pauseLayer } from "../image-layers.ts";
import { cacheDir } from "../paths.ts";
import { type Report, step } from "../progress.ts";
import { attempt, run } from "../run.ts";
import { ensureServers, moduleSource } from "../servers.ts";
import { storageClass } from "../storage.ts";
import { kindServers, kubernetesVersion, servers } from "../versions.ts";
import { makingNode } from "./docker.ts";
import { kindnetImage, kindnetManifest, kindnetScript } from "./kindnet.ts";

const nodeRepository = "localhost/vault-hooks/kind-node";

/** Debian's packages of kind's base image, as far as this node needs them, and Debian's container runtime. */
const packages =
  "systemd,systemd-sysv,dbus,conntrack,iptables,iproute2,ethtool,util-linux,mount,kmod,ca-certificates,jq,procps,containerd,runc,containernetworking-plugins";

/**
 * Makes a node image for kind from Debian's packages and the servers that are built here, unless Docker has it.
 * It stands in for kindest/node where no registry is reached.
 *
 * @returns the image's name in Docker; its tag changes with the recipe
 */
export async function ensureNodeImage(): Promise<string> {
  const image = `${nodeRepository}:${kubernetesVersion}-${await recipeHash()}`;
  if ((await attempt("docker", ["image", "inspect", image])).code === 0) return image;
  await ensureServers([...servers, ...kindServers].map(({ name }) => name));
  await step("node image for kind", async (report) => {
    await mkdir(cacheDir, { recursive: true });
    const work = await mkdtemp(join(cacheDir, "making-kind-node-"));
    try {
      await makeNodeImage(image, work, report);
      await removeOldImages(image);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return image;
}

/** Each holds about a gigabyte. One that a container uses stays. */
async function removeOldImages(image: string): Promise<void> {
  const format = ["--format", "{{.Repository}}:{{.Tag}}", "--filter", `reference=${nodeRepository}`];
  const images = (await run("docker", ["image", "ls", ...format])).split("\n").filter(Boolean);
  for (const old of images) if (old !== image) await attempt("docker", ["image", "rm", old]);
}

async function recipeHash(): Promise<string> {
  const files = ["kind-node.ts", "kindnet.ts", "../storage.ts"].map((name) => join(import.meta.dirname, name));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const versions = [...servers, ...kindServers].map(({ name, version }) => [name, version]);
  return createHash("sha256")
    .update(JSON.stringify([texts, versions]))
    .digest("hex")
    .slice(0, 12);
}

async function makeNodeImage(image: string, work: string, report: Report): Promise<void> {
  const root = join(work, "root");
  report("Debian");
  await run("debootstrap", ["--variant=minbase", `--include=${packages}`, "bookworm", root, await debianMirror()]);
  await removeUnneeded(root);
  report("images of Kubernetes");
  const archives = await systemImages(root, join(work, "images"));
  report("kind's files");
  await installKindFiles(root);
  await installKubernetes(root);
  report("importing it into Docker");
  const base = `${image}-base`;
  const change = ["--change", "ENV container=docker"];
  await run("sh", [
    "-c",
    'tar --numeric-owner -C "$1" -c . | docker import "$2" "$3" - "$4"',
    "sh",
    root,
    ...change,
    base,
  ]);
  await loadSystemImages(image, base, archives, report);
  await run("docker", ["image", "rm", base]);
}

async function removeUnneeded(root: string): Promise<void> {
  const unneeded = ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"];
  for (const each of unneeded) await rm(join(root, each), { recursive: true, force: true });
}

/**
 * Carries out the steps of kind's images/base/Dockerfile on the folder.
 * @see https://github.com/kubernetes-sigs/kind/blob/v0.33.0/images/base/Dockerfile
 */
async function installKindFiles(root: string): Promise<void> {
  const files = join(await moduleSource("kind"), "images/base/files");
  await run("cp", ["-r", "--no-preserve=mode", `${files}/.`, root]);
  for (const script of ["usr/local/bin/entrypoint", "usr/local/bin/clean-install"])
    await chmod(join(root, script), 0o755);
  await run("chmod", ["-R", "755", join(root, "kind/bin")]);
  const unwanted = [
    "lib/systemd/system/{multi-user,local-fs,basic}.target.wants/*",
    "etc/systemd/system/*.wants/*",
    "lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
    "lib/systemd/system/sockets.target.wants/*{udev,initctl}*",
  ];
  for await (const file of glob(unwanted, { cwd: root })) await rm(join(root, file), { force: true });
  await appendFile(join(root, "etc/systemd/journald.conf"), "ReadKMsg=no\n");
  const inRoot = (...command: string[]) => run("chroot", [root, ...command]);
  await inRoot("systemctl", "-q", "enable", "kubelet.service", "containerd.service", "undo-mount-hacks.service");
  await inRoot("systemctl", "-q", "mask", "systemd-binfmt.service");
  for (const dir of ["etc/kubernetes/manifests", "kind/manifests", "etc/cni/net.d", "opt/cni"]) {
    await mkdir(join(root, dir), { recursive: true });
  }
  await linkDebianPrograms(root);
  // the specification that the Dockerfile makes: kind's hook, no limits of resources
  const filter = '.hooks.createContainer[0] = {path: "/kind/bin/mount-product-files.sh"} | del(.process.rlimits)';
  await inRoot("sh", "-c", `ctr oci spec | jq '${filter}' > /etc/containerd/cri-base.json`);
  await allowMissingCapability(root);
}

/** kind looks for the container runtime and the CNI plugins elsewhere than Debian installs them. */
async function linkDebianPrograms(root: string): Promise<void> {
  for (const name of ["containerd", "ctr", "containerd-shim-runc-v2"]) {
    await symlink(`/usr/bin/${name}`, join(root, "usr/local/bin", name));
  }
  await symlink("/usr/lib/cni", join(root, "opt/cni/bin"));
}

/** Without CAP_SYS_RESOURCE no pod starts otherwise: "can't get final child's PID from pipe: EOF". */
async function allowMissingCapability(root: string): Promise<void> {
  const file = join(root, "etc/containerd/config.toml");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("restrict_oom_score_adj = false", "restrict_oom_score_adj = true"));
}

/** Carries out what `kind build node-image` adds: Kubernetes' programs, and the manifests of network and storage. */
async function installKubernetes(root: string): Promise<void> {
  for (const name of ["kubelet", "kubectl", "kubeadm"] as const) await binaryAt(name, root, `usr/bin/${name}`);
  await writeFile(join(root, "kind/version"), kubernetesVersion);
  await writeFile(join(root, "kind/manifests/default-cni.yaml"), kindnetManifest());
  await writeFile(join(root, "kind/manifests/default-storage.yaml"), JSON.stringify(storageClass));
}

type SystemImage = { ref: string; fill: (dir: string) => Promise<void>; entrypoint?: string };

/** The images that kubeadm and kind's configuration of containerd name. */
function systemImageRecipes(root: string): readonly SystemImage[] {
  const control = (["kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const).map((name) => ({
    ref: `registry.k8s.io/${name}:${kubernetesVersion}`,
    fill: (dir: string) => binaryAt(name, dir, `usr/local/bin/${name}`),
  }));
  return [
    ...control,
    { ref: `registry.k8s.io/kube-proxy:${kubernetesVersion}`, fill: (dir) => fillKubeProxy(root, dir) },
    { ref: "registry.k8s.io/etcd:3.7.0-0", fill: (dir) => binaryAt("etcd", dir, "usr/local/bin/etcd") },
    {
      ref: "registry.k8s.io/coredns/coredns:v1.14.6",
      fill: (dir) => binaryAt("coredns", dir, "coredns"),
      entrypoint: "/coredns",
    },
    { ref: "registry.k8s.io/pause:3.10", fill: pauseLayer, entrypoint: "/pause" },
    { ref: kindnetImage, fill: fillKindnet, entrypoint: "/kindnet" },
  ];
}

async function fillKindnet(dir: string): Promise<void> {
  await busyboxLayer(dir);
  await binaryAt("kubectl", dir, "bin/kubectl");
  await writeFile(join(dir, "kindnet"), kindnetScript, { mode: 0o755 });
}

async function systemImages(root: string, work: string): Promise<string[]> {
  const archives: string[] = [];
  for (const { ref, fill, entrypoint } of systemImageRecipes(root)) {
    const dir = join(work, ref.replaceAll(/[/:]/g, "_"));
    await mkdir(dir, { recursive: true });
    await fill(dir);
    await packLayer(dir, `${dir}.layer.tar`);
    const config = { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] };
    const archive = `${dir}.tar`;
    await writeArchive(
      ref,
      [`${dir}.layer.tar`],
      entrypoint === undefined ? config : { ...config, Entrypoint: [entrypoint] },
      archive,
    );
    await rm(dir, { recursive: true });
    archives.push(archive);
  }
  return archives;
}

/**
 * kube-proxy calls Debian's iptables, with the libraries of its extensions too: without libm the node is Ready and no
 * Service works.
 */
async function fillKubeProxy(root: string, dir: string): Promise<void> {
  await binaryAt("kube-proxy", dir, "usr/local/bin/kube-proxy");
  for (const each of ["usr/sbin", "usr/bin", "usr/lib", "usr/lib64", "etc", "tmp", "run"]) {
    await mkdir(join(dir, each), { recursive: true });
  }
  for (const name of ["lib", "lib64", "sbin", "bin"]) await symlink(`usr/${name}`, join(dir, name));
  await cp(join(root, "usr/sbin/xtables-nft-multi"), join(dir, "usr/sbin/xtables-nft-multi"));
  for (const family of ["iptables", "ip6tables"]) {
    for (const suffix of ["", "-save", "-restore"])
      await symlink("xtables-nft-multi", join(dir, "usr/sbin", family + suffix));
  }
  const extensions = "usr/lib/x86_64-linux-gnu/xtables";
  await cp(join(root, extensions), join(dir, extensions), { recursive: true, verbatimSymlinks: true });
  const listing = await run("chroot", [root, "sh", "-c", `ldd /usr/sbin/xtables-nft-multi /${extensions}/*.so`]);
  for (const library of librariesIn(listing)) await run("cp", ["-L", "--parents", `.${library}`, dir], { cwd: root });
}

/** @param listing what ldd printed of several files @returns the path of each library, once */
export function librariesIn(listing: string): string[] {
  return [...new Set([...listing.matchAll(/(?:=> |^\s)(\/\S+\.so\S*)/gm)].map(([, path]) => path ?? ""))];
}

/** The kubelet removes no pinned image. */
const pinImages =
  "for i in $(ctr -n k8s.io images ls -q); do ctr -n k8s.io images label $i io.cri-containerd.pinned=pinned > /dev/null; done";
/** Nobody in the container collects the ended process, so a zombie of it remains: only other states count. */
const stopContainerd = "pkill containerd; while pgrep --runstates D,R,S containerd > /dev/null; do sleep 0.1; done";

/** Loads the images into the node's own containerd and commits the container as the node image. */
async function loadSystemImages(
  image: string,
  base: string,
  archives: readonly string[],
  report: Report,
): Promise<void> {
  const container = `${makingNode}-${process.pid}`;
  const options = ["--stop-signal", "SIGRTMIN+3", "--security-opt", "seccomp=unconfined", "--entrypoint", "sleep"];
  await run("docker", ["run", "--detach", "--name", container, ...options, base, "infinity"]);
  try {
    const waiting = "for i in $(seq 100); do ctr version > /dev/null 2>&1 && exit; sleep 0.2; done; exit 1";
    await run("docker", ["exec", container, "bash", "-c", `nohup containerd > /dev/null 2>&1 & ${waiting}`]);
    for (const [i, archive] of archives.entries()) {
      report(`loading image ${i + 1} of ${archives.length}`);
      const load = 'docker exec -i "$1" ctr -n k8s.io images import --all-platforms --no-unpack --digests - < "$2"';
      await run("sh", ["-c", load, "sh", container, archive]);
    }
    await run("docker", ["exec", container, "bash", "-c", `${pinImages} && ${stopContainerd}`], { timeoutMs: 60_000 });
    report("committing it");
    const entrypoint = 'ENTRYPOINT [ "/usr/local/bin/entrypoint", "/sbin/init" ]';
    await run("docker", ["commit", "--change", entrypoint, container, image]);
  } finally {
    await attempt("docker", ["rm", "--force", "--volumes", container]);
  }
}
