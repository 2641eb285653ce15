import { existsSync } from "node:fs";
import { step } from "./progress.ts";
import { attempt, run } from "./run.ts";
import { debianPackages } from "./versions.ts";

/** The systemd services of Debian's packages. They are disabled, since the cluster starts its own processes. */
const units: Readonly<Record<string, string>> = {
  containerd: "containerd.service",
  "etcd-server": "etcd.service",
  postgresql: "postgresql.service",
  "redis-server": "redis-server.service",
};

/**
 * Installs the Debian packages that the cluster needs and that are missing.
 *
 * @throws Error without root; without apt-get when packages are missing, which must then be installed by hand
 */
export async function ensureHost(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      "the embedded cluster needs root for mounts, bridges and containers: run this as root, or use CLUSTER=kind",
    );
  }
  await ensurePackages(missingPackages());
}

/** Returns the Debian packages that are needed to build the servers and images and are not installed. */
export function missingPackages(): string[] {
  return debianPackages.filter((each) => !existsSync(each.file)).map((each) => each.package);
}

/** Installs Debian packages. @throws Error without apt-get */
export async function ensurePackages(missing: readonly string[]): Promise<void> {
  if (missing.length === 0) return;
  if ((await attempt("apt-get", ["--version"]).catch(() => ({ code: 1 }))).code !== 0) {
    throw new Error(`no apt-get: install ${missing.join(" ")} (the names are Debian's), then run this again`);
  }
  await step(`installing ${missing.join(" ")}`, async (report) => {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    report("apt-get update");
    await aptGet(["update", "-q"], env);
    report("apt-get install");
    await aptGet(["install", "-q", "-y", "--no-install-recommends", ...missing], env);
    if (!existsSync("/run/systemd/system")) return;
    for (const name of missing) {
      const unit = units[name];
      if (unit) await run("systemctl", ["disable", "--now", unit]);
    }
  });
}

/** apt-get fails while another one runs, as in two test files at once. */
async function aptGet(args: readonly string[], env: Record<string, string>): Promise<void> {
  await run("flock", ["/run/lock/vault-hooks-apt", "apt-get", ...args], { env });
}
