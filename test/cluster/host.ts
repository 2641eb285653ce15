import { existsSync } from "node:fs";
import { step } from "./progress.ts";
import { attempt, run } from "./run.ts";
import { debianPackages } from "./versions.ts";

/** Debian's own services of the packages that are installed here; the cluster starts its own, elsewhere. */
const units: Readonly<Record<string, string>> = {
  containerd: "containerd.service",
  "etcd-server": "etcd.service",
  postgresql: "postgresql.service",
};

/**
 * Installs what the cluster needs of Debian's packages, if it is missing.
 *
 * @throws Error without root, or where there is no apt-get: a person must bring the packages then
 */
export async function ensureHost(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error("The embedded cluster mounts, bridges and runs containers: run this as root, or use CLUSTER=kind.");
  }
  await ensurePackages(missingPackages());
}

/** Which of Debian's packages that the servers and images are made with are not installed. */
export function missingPackages(): string[] {
  return debianPackages.filter((each) => !existsSync(each.file)).map((each) => each.package);
}

/** Installs these of Debian's packages. @throws Error where there is no apt-get */
export async function ensurePackages(missing: readonly string[]): Promise<void> {
  if (missing.length === 0) return;
  if ((await attempt("apt-get", ["--version"]).catch(() => ({ code: 1 }))).code !== 0) {
    throw new Error(`There is no apt-get here: install what Debian calls ${missing.join(" ")}, then run this again.`);
  }
  await step(`installing ${missing.join(" ")}`, async (report) => {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    report("apt-get update");
    await run("apt-get", ["update", "-q"], { env });
    report("apt-get install");
    await run("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...missing], { env });
    if (!existsSync("/run/systemd/system")) return;
    for (const name of missing) {
      const unit = units[name];
      if (unit) await run("systemctl", ["disable", "--now", unit]);
    }
  });
}
