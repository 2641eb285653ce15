import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Makes a process see a pod's world: host names of the cluster, and files under /var/run/secrets. */
export type PodView = {
  /** Address by host name, instead of the cluster's DNS. */
  readonly hosts: Readonly<Record<string, string>>;
  /** File content by path under /var/run/secrets. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The pod's name; the machine's by default. */
  readonly hostname?: string;
};

/**
 * Writes the files of a pod view into `dir`. A process enters it in a mount namespace of its own, where /etc/hosts
 * and /var/run/secrets are bind mounts. Needs root, as the embedded cluster does.
 *
 * @returns the prefix for the command of a process that is to see them
 */
export async function preparePodView(dir: string, view: PodView): Promise<string[]> {
  const hosts = Object.entries(view.hosts).map(([name, address]) => `${address} ${name}`);
  await mkdir(join(dir, "secrets"), { recursive: true });
  await writeFile(join(dir, "hosts"), ["127.0.0.1 localhost", ...hosts, ""].join("\n"));
  for (const [path, text] of Object.entries(view.secrets)) {
    const file = join(dir, "secrets", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const script = [
    ...(view.hostname === undefined ? [] : [`echo ${view.hostname} > /proc/sys/kernel/hostname`]),
    'mount --bind "$0/hosts" /etc/hosts',
    "mount -t tmpfs tmpfs /run",
    "mkdir /run/secrets",
    'mount --bind "$0/secrets" /run/secrets',
    'exec "$@"',
  ].join(" && ");
  return ["unshare", "--mount", "--uts", "sh", "-c", script, dir];
}
