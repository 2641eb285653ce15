import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { tokenFile } from "../../../src/kube/pod-token.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

let dir: string;
beforeAll(async () => {
  dir = await tempDir("token");
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(dir, { recursive: true });
});

it("a pod's token is read again within a minute, also after the wall clock was set back by an hour", async () => {
  const file = join(dir, "token");
  let now = 0;
  const { user, authenticator } = tokenFile(file, () => now);
  const authorization = async () => {
    const options: { headers: Record<string, string> } = { headers: {} };
    await authenticator.applyAuthentication(user, options);
    return options.headers["Authorization"];
  };
  await writeFile(file, "first\n");
  expect(authenticator.isAuthProvider(user)).toBe(true);
  expect(await authorization()).toBe("Bearer first");

  await writeFile(file, "second");
  expect(await authorization()).toBe("Bearer first");
  const wall = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(wall - 3_600_000);
  now += 60_001;

  expect(await authorization()).toBe("Bearer second");
});
