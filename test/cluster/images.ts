import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ImageConfig, packLayer, sha256, writeArchive } from "./image-archive.ts";
import {
  argocdLayer,
  binaryLayer,
  busyboxLayer,
  debianLayer,
  type FillLayer,
  guestbookLayer,
  operatorLayer,
  pauseLayer,
  vaultLayer,
} from "./image-layers.ts";
import { controlPlane, kindCommands, kindProgram } from "./kind/commands.ts";
import { cacheDir, clusterName, containerdSocket, stateDir } from "./paths.ts";
import { step } from "./progress.ts";
import { run } from "./run.ts";
import { images, servers } from "./versions.ts";

type Recipe = { ref: string; layers: readonly FillLayer[]; config: ImageConfig };

const imagesDir = join(cacheDir, "images");
/** Images outlive the embedded cluster, and not a kind cluster. */
const loadedFile = clusterName === "kind" ? join(stateDir, "loaded-images.json") : join(imagesDir, "loaded.json");
const operatorUser = "65532:65532"; // the charts ask for runAsNonRoot, which needs a numeric user

const recipes: readonly Recipe[] = [
  { ref: images.pause, layers: [pauseLayer], config: { Entrypoint: ["/pause"] } },
  {
    ref: images.vault,
    layers: [busyboxLayer, vaultLayer],
    config: { Entrypoint: ["/usr/local/bin/docker-entrypoint.sh"], Env: ["PATH=/bin:/usr/local/bin"] },
  },
  {
    ref: images.argocd,
    layers: [debianLayer, argocdLayer],
    config: {
      Entrypoint: ["/usr/bin/tini", "--", "/usr/local/bin/entrypoint.sh"],
      User: "999",
      Env: ["HOME=/home/argocd", "USER=argocd", "PATH=/usr/local/bin:/usr/bin:/bin"],
      WorkingDir: "/home/argocd",
    },
  },
  {
    ref: images.redis,
    layers: [debianLayer],
    config: { Entrypoint: ["redis-server"], User: "999", Env: ["PATH=/usr/bin"] },
  },
  {
    ref: images.operator,
    layers: [operatorLayer],
    config: { Entrypoint: ["/vault-secrets-operator"], User: operatorUser },
  },
  {
    ref: images.rbacProxy,
    layers: [binaryLayer("kube-rbac-proxy")],
    config: { Entrypoint: ["/kube-rbac-proxy"], User: operatorUser },
  },
  { ref: images.busybox, layers: [busyboxLayer], config: { Cmd: ["sh"], Env: ["PATH=/bin"] } },
  {
    ref: images.guestbook,
    layers: [busyboxLayer, guestbookLayer],
    config: { Cmd: ["httpd", "-f", "-p", "80", "-h", "/www"], Env: ["PATH=/bin"] },
  },
];

/** Makes those images that containerd does not yet hold as they are described here, and loads them. */
export async function ensureImages(): Promise<void> {
  await mkdir(imagesDir, { recursive: true });
  const key = await recipesKey();
  const loaded = await loadedImages();
  const missing = recipes.filter((each) => loaded[each.ref] !== key);
  for (const [i, recipe] of missing.entries()) {
    await step(`image ${i + 1} of ${missing.length}, ${recipe.ref}`, async (report) => {
      const archive = join(imagesDir, `${hash(key + recipe.ref)}.tar`);
      if (!existsSync(archive)) await make(recipe, archive, report);
      report("loading it");
      await load(recipe.ref, archive, key);
    });
  }
  await removeOldArchives(key);
}

/** The archives of older recipes. */
async function removeOldArchives(key: string): Promise<void> {
  const current = new Set(recipes.map(({ ref }) => `${hash(key + ref)}.tar`));
  const archives = (await readdir(imagesDir)).filter((name) => /^[0-9a-f]{16}\.tar$/.test(name));
  for (const name of archives) if (!current.has(name)) await rm(join(imagesDir, name));
}

/**
 * Loads an archive as `docker save` or buildah writes it, unless that very archive is loaded.
 *
 * @param ref the name that the archive gives its image
 */
export async function loadImage(ref: string, archive: string): Promise<void> {
  await mkdir(imagesDir, { recursive: true });
  const digest = await sha256(archive);
  if ((await loadedImages())[ref] !== digest) await load(ref, archive, digest);
}

async function make(recipe: Recipe, archive: string, report: (at: string) => void): Promise<void> {
  const temporary = await mkdtemp(join(imagesDir, "making-"));
  try {
    const layers: string[] = [];
    for (const [i, fill] of recipe.layers.entries()) {
      report(`layer ${i + 1} of ${recipe.layers.length}`);
      layers.push(await layerFile(fill, join(temporary, String(i))));
    }
    const unfinished = join(temporary, "image.tar");
    await writeArchive(recipe.ref, layers, recipe.config, unfinished);
    await rename(unfinished, archive); // a run that was cut off leaves no half archive
  } finally {
    await rm(temporary, { recursive: true });
  }
}

/** Debian's layer takes the longest, two images share it, and none of our servers is in it: it is kept. */
async function layerFile(fill: FillLayer, dir: string): Promise<string> {
  const kept = fill === debianLayer ? join(imagesDir, `debian-${hash(String(debianLayer))}.tar`) : undefined;
  if (kept && existsSync(kept)) return kept;
  await mkdir(dir, { recursive: true });
  await fill(dir);
  const file = kept ?? `${dir}.tar`;
  await packLayer(dir, file);
  return file;
}

async function load(ref: string, archive: string, key: string): Promise<void> {
  await importArchive(archive);
  const loaded = await loadedImages();
  await writeFile(loadedFile, JSON.stringify({ ...loaded, [ref]: key }, undefined, 2));
}

/** What containerd holds, with the key under which it was loaded. */
async function loadedImages(): Promise<Record<string, string>> {
  const present = new Set((await ctr(["images", "list", "-q"])).split("\n"));
  const text = await readFile(loadedFile, "utf8").catch(() => "{}");
  const known: Record<string, string> = JSON.parse(text);
  return Object.fromEntries(Object.entries(known).filter(([ref]) => present.has(ref)));
}

/** Changes with the recipes' source and with the version of any server. */
export async function recipesKey(): Promise<string> {
  const sources = ["images.ts", "image-layers.ts", "image-archive.ts"];
  const texts = await Promise.all(sources.map((file) => readFile(join(import.meta.dirname, file), "utf8")));
  return hash(JSON.stringify([texts, servers.map(({ name, version }) => [name, version])]));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function importArchive(archive: string): Promise<void> {
  if (clusterName === "kind") await run(await kindProgram(), kindCommands.loadArchive(archive));
  else await ctr(["images", "import", archive]);
}

/** Runs containerd's own client, on the first node, in the namespace that the kubelet uses. */
export function ctr(args: readonly string[]): Promise<string> {
  if (clusterName === "kind") return run("docker", ["exec", controlPlane, "ctr", "-n", "k8s.io", ...args]);
  return run("ctr", ["-a", containerdSocket, "-n", "k8s.io", ...args]);
}
