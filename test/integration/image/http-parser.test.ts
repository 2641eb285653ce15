import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundle } from "../../../esbuild.config.ts";
import type { Sending } from "../../bench/bare-client.ts";
import { projectDir } from "../../cluster/paths.ts";
import { run } from "../../cluster/run.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

const server = createServer((_request, response) => void response.end("{}"));
let dir: string;

beforeAll(async () => {
  dir = await tempDir("http-parser");
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  server.close();
  await rm(dir, { recursive: true, force: true });
});

it("has undici's HTTP parser compiled once in a bundle, however many answers it reads", async () => {
  await bundle(join(projectDir, "test/bench/bare-client.ts"), join(dir, "app"));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const requests = Array.from({ length: 500 }, () => ({ method: "GET", path: "sys/health" }) as const);
  await writeFile(join(dir, "sending"), JSON.stringify({ origin, requests, concurrency: 4 } satisfies Sending));
  const program = [join(dir, "app/vault-hooks.cjs"), join(dir, "sending")];

  const told = await run(process.execPath, ["--trace-wasm-compilation-times", ...program]);

  const compiled = [...told.matchAll(/Compiled function \S+ using (\w+)/g)].map(([, compiler]) => compiler);
  expect(new Set(compiled)).toEqual(new Set(["Liftoff"]));
});
