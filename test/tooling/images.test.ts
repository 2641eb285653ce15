import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { packLayer, sha256, writeArchive } from "../cluster/image-archive.ts";
import { run } from "../cluster/run.ts";

const dir = await mkdtemp(join(tmpdir(), "vault-hooks-archive-"));
afterAll(() => rm(dir, { recursive: true }));

test("an image archive stores layers by digest and lists them in the given order", async () => {
  await mkdir(join(dir, "root"));
  await writeFile(join(dir, "root/program"), "run me");
  await chmod(join(dir, "root/program"), 0o755);
  const layer = join(dir, "layer.tar");
  await packLayer(join(dir, "root"), layer);

  await writeArchive("example.org/image:1", [layer], { User: "65532" }, join(dir, "image.tar"));

  await run("tar", ["-C", dir, "-xf", join(dir, "image.tar")]);
  const digest = await sha256(layer);
  const manifest = JSON.parse(await readFile(join(dir, "manifest.json"), "utf8"));
  const config = JSON.parse(await readFile(join(dir, "config.json"), "utf8"));
  expect(manifest).toEqual([{ Config: "config.json", RepoTags: ["example.org/image:1"], Layers: [`${digest}.tar`] }]);
  expect(config.rootfs.diff_ids).toEqual([`sha256:${digest}`]);
  expect(config.config).toEqual({ User: "65532" });
  expect(await sha256(join(dir, `${digest}.tar`))).toBe(digest);
  expect(await run("tar", ["-tvf", layer])).toMatch(/-rwxr-xr-x .* \.\/program/);
});
