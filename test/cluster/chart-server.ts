import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { address, sourceUrl } from "./addresses.ts";
import { stateDir } from "./paths.ts";
import { ensureProcess, untilAnswers } from "./processes.ts";
import { run } from "./run.ts";
import { moduleSource, serverPath } from "./servers.ts";

const chartsDir = join(stateDir, "charts");

/**
 * Packs the operator's chart, out of its Go module, and Vault's: the official one from the folder that VAULT_CHART names, else
 * the project's own small one, since the official chart is in no package registry.
 *
 * @returns the folder with the packed charts and their index
 */
export async function packageCharts(): Promise<string> {
  const vault = process.env["VAULT_CHART"] ?? join(import.meta.dirname, "charts/vault");
  if (!existsSync(join(vault, "Chart.yaml"))) throw new Error(`VAULT_CHART: ${vault} is no folder of a chart`);
  const operator = join(await moduleSource("vault-secrets-operator"), "chart");
  await rm(chartsDir, { recursive: true, force: true });
  await mkdir(chartsDir, { recursive: true });
  for (const chart of [vault, operator]) await run(serverPath("helm"), ["package", chart, "--destination", chartsDir]);
  await run(serverPath("helm"), ["repo", "index", chartsDir, "--url", sourceUrl.charts]);
  return chartsDir;
}

/** @returns the path of a packed chart */
export function packedChart(name: string, version: string): string {
  return join(chartsDir, `${name}-${version}.tgz`);
}

/** Serves the charts on the embedded node's address. */
export async function ensureChartServer(): Promise<void> {
  await packageCharts();
  const args = [join(import.meta.dirname, "static-server.ts"), chartsDir, address.node, new URL(sourceUrl.charts).port];
  await ensureProcess({ name: "charts", command: process.execPath, args });
  const index = `${sourceUrl.charts}/index.yaml`;
  await untilAnswers("charts", 20_000, async () => {
    const answer = await fetch(index).catch(() => undefined);
    return answer?.ok === true;
  });
}
