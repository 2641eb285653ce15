import { chmod, chown, copyFile, cp, lstat, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./run.ts";
import { moduleSource, serverPath } from "./servers.ts";
import type { ServerName } from "./versions.ts";

/** Fills a folder that becomes one layer of an image. */
export type FillLayer = (dir: string) => Promise<void>;

const execScript = '#!/bin/sh\nexec "$@"\n';

/** The sandbox process that holds a pod's namespaces and waits for a signal. */
export async function pauseLayer(dir: string): Promise<void> {
  const source = `package main

import ("os"; "os/signal"; "syscall")

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	<-end
}
`;
  await writeText(dir, "main.go", source);
  await run("go", ["build", "-ldflags", "-s -w", "-o", "pause", "main.go"], { cwd: dir, env: { CGO_ENABLED: "0" } });
  await rm(join(dir, "main.go"));
}

/** Debian's static busybox, with a link for each of its commands. */
export async function busyboxLayer(dir: string): Promise<void> {
  await place(await busyboxPath(), dir, "bin/busybox");
  for (const name of (await run("busybox", ["--list"])).trim().split("\n")) {
    if (name !== "busybox") await symlink("busybox", join(dir, "bin", name));
  }
  await temporaryFolder(dir);
  await writeText(dir, "etc/passwd", "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/home:/bin/false\n");
  await writeText(dir, "etc/group", "root:x:0:\nnogroup:x:65534:\n");
}

/** Vault as the official chart starts it: through /bin/sh, cp, sed and docker-entrypoint.sh, as user 100 and group 1000. */
export async function vaultLayer(dir: string): Promise<void> {
  await place(serverPath("vault"), dir, "bin/vault");
  await writeText(dir, "etc/passwd", "root:x:0:0::/root:/bin/sh\nvault:x:100:1000::/home/vault:/bin/sh\n");
  await writeText(dir, "etc/group", "root:x:0:\nvault:x:1000:\n");
  await writeScript(dir, "usr/local/bin/docker-entrypoint.sh", execScript);
  for (const each of ["vault", "vault/config", "vault/data", "vault/logs", "vault/file", "home/vault"]) {
    await mkdir(join(dir, each), { recursive: true });
    await chown(join(dir, each), 100, 1000);
  }
}

/** Debian with the programs that Argo CD runs, and Redis. */
export async function debianLayer(dir: string): Promise<void> {
  const packages = "ca-certificates,git,gpg,gpg-agent,tini,redis-server,openssh-client";
  const mirror = await debianMirror();
  const keyring = "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg";
  await run("debootstrap", ["--variant=minbase", keyring, `--include=${packages}`, "bookworm", dir, mirror]);
  const unneeded = [
    "var/cache/apt",
    "var/lib/apt/lists",
    "var/log",
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
  ];
  for (const each of unneeded) {
    await rm(join(dir, each), { recursive: true, force: true });
    await mkdir(join(dir, each), { recursive: true });
  }
}

/** Argo CD's binary with a link for each of its programs, helm and kustomize. */
export async function argocdLayer(dir: string): Promise<void> {
  const bin = "usr/local/bin";
  for (const name of ["argocd", "helm", "kustomize"] as const) await place(serverPath(name), dir, `${bin}/${name}`);
  const programs = "server repo-server cmp-server application-controller applicationset-controller dex notifications";
  for (const name of `${programs} k8s-auth commit-server`.split(" ")) {
    await symlink("argocd", join(dir, bin, `argocd-${name}`));
  }
  const source = await moduleSource("argocd");
  for (const script of ["gpg-wrapper.sh", "git-verify-wrapper.sh"])
    await place(join(source, "hack", script), dir, `${bin}/${script}`);
  await writeScript(dir, `${bin}/entrypoint.sh`, execScript);
  await writeText(dir, "app/config/ssh/ssh_known_hosts", "");
  await mkdir(join(dir, "app/config/tls"), { recursive: true });
  for (const each of ["home/argocd", "app/config/gpg/source", "app/config/gpg/keys"]) {
    await mkdir(join(dir, each), { recursive: true });
    await chown(join(dir, each), 999, 999);
  }
}

/** The operator, with /scripts/upgrade-crds and /scripts/crds for the Job that its chart runs before upgrades. */
export async function operatorLayer(dir: string): Promise<void> {
  await place(serverPath("vault-secrets-operator"), dir, "vault-secrets-operator");
  await cp(join(await moduleSource("vault-secrets-operator"), "chart/crds"), join(dir, "scripts/crds"), {
    recursive: true,
  });
  await symlink("../vault-secrets-operator", join(dir, "scripts/upgrade-crds"));
  await run("chmod", ["-R", "a+rX", dir]); // files of the Go module cache may be unreadable for other users
  await temporaryFolder(dir);
}

/** A static page in place of the guestbook. */
export function guestbookLayer(dir: string): Promise<void> {
  return writeText(dir, "www/index.html", "<!doctype html><title>Guestbook</title><h1>Guestbook</h1>\n");
}

/** Returns a layer with one server's binary in its root folder. */
export function binaryLayer(name: ServerName): FillLayer {
  return (dir) => binaryAt(name, dir, name);
}

/** Copies a server's binary. @param to its path below `dir` */
export async function binaryAt(name: ServerName, dir: string, to: string): Promise<void> {
  await place(serverPath(name), dir, to);
}

async function place(from: string, dir: string, to: string): Promise<void> {
  await mkdir(dirname(join(dir, to)), { recursive: true });
  await copyFile(from, join(dir, to));
  await chmod(join(dir, to), 0o755);
}

async function writeText(dir: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), text);
}

async function writeScript(dir: string, path: string, text: string): Promise<void> {
  await writeText(dir, path, text);
  await chmod(join(dir, path), 0o755);
}

async function temporaryFolder(dir: string): Promise<void> {
  await mkdir(join(dir, "tmp"), { recursive: true });
  await chmod(join(dir, "tmp"), 0o1777);
}

async function busyboxPath(): Promise<string> {
  return (await lstat("/usr/bin/busybox").catch(() => undefined)) ? "/usr/bin/busybox" : "/bin/busybox";
}

/** Returns the Debian mirror that this machine uses, else deb.debian.org. */
export async function debianMirror(): Promise<string> {
  for (const file of ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"]) {
    const text = await readFile(file, "utf8").catch(() => "");
    const found = /^(?:URIs:|deb)\s.*?(https?:\/\/\S*debian\S*)/m.exec(text)?.[1];
    if (found) return found;
  }
  return "http://deb.debian.org/debian";
}
