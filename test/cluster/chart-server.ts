import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { deadlineIn, until } from "../../src/util/deadline.ts";
import { address, url } from "./addresses.ts";
import { stateDir } from "./paths.ts";
import { ensureProcess } from "./processes.ts";
import { run } from "./run.ts";
import { moduleSource, serverPath } from "./servers.ts";

const chartsDir = join(stateDir, "charts");

/**
 * Serves the operator's chart, out of its Go module, and Vault's: the official one from the folder that VAULT_CHART names,
 * else the project's own small one, since the official chart is in no package registry.
 */
export async function ensureChartServer(): Promise<void> {
  const vault = process.env["VAULT_CHART"] ?? join(import.meta.dirname, "charts/vault");
  if (!existsSync(join(vault, "Chart.yaml"))) throw new Error(`VAULT_CHART: ${vault} is no folder of a chart`);
  const operator = join(await moduleSource("vault-secrets-operator"), "chart");
  await rm(chartsDir, { recursive: true, force: true });
  await mkdir(chartsDir, { recursive: true });
  for (const chart of [vault, operator]) await run(serverPath("helm"), ["package", chart, "--destination", chartsDir]);
  await run(serverPath("helm"), ["repo", "index", chartsDir, "--url", url.charts]);
  const args = [join(import.meta.dirname, "static-server.ts"), chartsDir, address.node, new URL(url.charts).port];
  await ensureProcess({ name: "charts", command: process.execPath, args });
  const index = `${url.charts}/index.yaml`;
  await until("the chart server", deadlineIn(20_000), async () => {
    const answer = await fetch(index).catch(() => undefined);
    return answer?.ok ? true : undefined;
  });
}
