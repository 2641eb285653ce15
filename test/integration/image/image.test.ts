import { glob, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { buildImage } from "../../image/build.ts";
import { runContainer, type Unpacked, unpackImage } from "../../image/container.ts";
import { gzippedSize } from "../../image/size.ts";

/** The compressed size that docs/adr/0008-image.md allows, in bytes. */
const sizeLimit = 45_000_000;
const buildTimeout = 900_000;
/** e_machine of the ELF header, by Docker's name of the architecture. */
const machines = { amd64: 0x3e, arm64: 0xb7 };

describe.each(["amd64", "arm64"] as const)("the image for %s", (arch) => {
  let image: Unpacked;

  beforeAll(async () => {
    image = await unpackImage((await buildImage({ arch })).archive);
  }, buildTimeout);
  afterAll(async () => {
    await rm(image.folder, { recursive: true, force: true });
  });

  it("runs the program as an unprivileged user", () => {
    expect(image.architecture).toBe(arch);
    expect(image.config.User).toBe("65532:65532");
    expect(image.config.Entrypoint.at(-1)).toBe("/app/vault-hooks.cjs");
  });

  it("has labels with its source, licence and version", () => {
    expect(image.config.Labels).toMatchObject({
      "org.opencontainers.image.source": "https://github.com/vault-hooks/vault-hooks",
      "org.opencontainers.image.licenses": "Apache-2.0",
      "org.opencontainers.image.version": packageJson.version,
    });
    expect(image.names).toEqual([`ghcr.io/vault-hooks/vault-hooks:v${packageJson.version}`]);
  });

  it("contains Node and the program, and no shell, npm or other executable", async () => {
    const files = await filesOf(image);

    const programs = files.filter((file) => /(^|\/)s?bin\//.test(file));

    expect(programs).toEqual(["usr/local/bin/node"]);
    expect(files.filter((file) => /node_modules|\/(npm|npx|sh|bash|busybox)$/.test(file))).toEqual([]);
    const own = files.filter((file) => file.startsWith("app/"));
    expect(own.sort()).toEqual(["app/LICENSE", "app/vault-hooks.cjs"]);
  });

  it("contains binaries of its architecture only", async () => {
    const found: Record<string, number> = {};
    for (const file of await filesOf(image)) {
      const machine = await elfMachine(join(image.rootfs, file));
      if (machine !== undefined) found[file] = machine;
    }

    expect(Object.keys(found)).toContain("usr/local/bin/node");
    expect(Object.keys(found).length).toBeGreaterThan(5); // Node, the loader and the C library's parts
    expect(new Set(Object.values(found))).toEqual(new Set([machines[arch]]));
  });

  it("is at most 45 MB compressed", async () => {
    let size = 0;
    for (const layer of image.layers) size += await gzippedSize(layer);

    expect(size).toBeGreaterThan(30_000_000); // so Node was counted
    expect(size).toBeLessThanOrEqual(sizeLimit);
  });
});

describe("the image with a read-only root and no capabilities", () => {
  let image: Unpacked;

  beforeAll(async () => {
    image = await unpackImage((await buildImage()).archive);
  }, buildTimeout);
  afterAll(async () => {
    await rm(image.folder, { recursive: true, force: true });
  });

  it("prints its version", async () => {
    const { code, stdout } = await runContainer(image, ["--version"]);

    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: packageJson.version });
  });

  it("exits with the exit code of the program", async () => {
    const { code } = await runContainer(image, ["--no-such-flag"]);

    expect(code).toBe(2);
  });
});

async function filesOf({ rootfs }: Unpacked): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of glob("**/*", { cwd: rootfs, withFileTypes: true })) {
    if (!entry.isDirectory()) files.push(join(entry.parentPath, entry.name).slice(rootfs.length + 1));
  }
  return files;
}

/** Returns e_machine of an ELF file, from byte 18 of its header, and undefined for other files. */
async function elfMachine(path: string): Promise<number | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(20), 0, 20, 0);
    return bytesRead === 20 && buffer.toString("latin1", 0, 4) === "\x7fELF" ? buffer.readUInt16LE(18) : undefined;
  } finally {
    await file.close();
  }
}
