import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What a process sees as if it ran in a pod: names that resolve, and files under /var/run/secrets. */
export type PodView = {
  /** Host names and the addresses they lead to; they stand in for the cluster's DNS. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Files by their path under /var/run/secrets. */
  readonly secrets: Readonly<Record<string, string>>;
};

/**
 * Writes a pod's view into `dir` and gives the command that starts a process in it: its own mount namespace with
 * /etc/hosts and /var/run/secrets bound over. Needs root, as the embedded cluster does.
 *
 * @returns the words to put before the command
 */
export async function enterPodView(dir: string, view: PodView): Promise<string[]> {
  const hosts = Object.entries(view.hosts).map(([name, address]) => `${address} ${name}`);
  await mkdir(join(dir, "secrets"), { recursive: true });
  await writeFile(join(dir, "hosts"), ["127.0.0.1 localhost", ...hosts, ""].join("\n"));
  for (const [path, text] of Object.entries(view.secrets)) {
    const file = join(dir, "secrets", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const script = [
    'mount --bind "$0/hosts" /etc/hosts',
    "mount -t tmpfs tmpfs /run",
    "mkdir /run/secrets",
    'mount --bind "$0/secrets" /run/secrets',
    'exec "$@"',
  ].join(" && ");
  return ["unshare", "--mount", "sh", "-c", script, dir];
}
