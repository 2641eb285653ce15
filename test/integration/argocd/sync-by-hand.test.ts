import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectDir } from "../../cluster/paths.ts";
import { run } from "../../cluster/run.ts";
import { binaries } from "../../helpers/binaries.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { type Fixture, spec, startFixture } from "./fixture.ts";

let fixture: Fixture;
let path: string;

beforeAll(async () => {
  fixture = await startFixture(async () => {});
  const folder = await tempDir("bin");
  await mkdir(folder, { recursive: true });
  await symlink((await binaries("kubectl")).kubectl, join(folder, "kubectl"));
  path = `${folder}:${process.env["PATH"]}`;
});
afterAll(() => fixture?.server.close());

/** The commands of the runbook for a sync without Argo CD's own. */
async function commands(): Promise<string> {
  const text = await readFile(join(projectDir, "docs/runbook.md"), "utf8");
  const [, block = ""] = /^```sh\n(app=vault\n.*?)```$/ms.exec(text) ?? [];
  return block;
}

describe("the runbook's commands for a sync", () => {
  it.each([
    ["with options", ["CreateNamespace=true", "ServerSideApply=true"]],
    ["with one option", ["ClientSideApplyMigration=false"]],
    ["without options", undefined],
  ])("request a full sync of an Application %s, and carry them", async (_, syncOptions) => {
    await fixture.put("vault", { spec: { ...spec, syncPolicy: { automated: {}, syncOptions } } });

    await run("bash", ["-euc", await commands()], { env: { PATH: path, KUBECONFIG: fixture.server.kubeconfig } });

    const { operation } = (await fixture.get("vault")) as { operation?: unknown };
    expect(operation).toEqual({ initiatedBy: { username: "kubectl" }, sync: { syncOptions: syncOptions ?? [] } });
  });
});
