import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll } from "vitest";
import { tempDir } from "../../helpers/temp-dir.ts";
import { cases, plugin } from "./cases/system.ts";
import { testKinds } from "./harness/harness.ts";

const plugins = await tempDir("plugins");
await writeFile(join(plugins, "example-engine"), plugin);
await chmod(join(plugins, "example-engine"), 0o755);

afterAll(async () => {
  await rm(plugins, { recursive: true });
});

testKinds("system objects", cases, `plugin_directory = "${plugins}"\n`);
