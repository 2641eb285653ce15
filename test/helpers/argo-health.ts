import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { run } from "../cluster/run.ts";
import { binaries } from "./binaries.ts";
import type { Health } from "./health.ts";

let count = 0;

/**
 * Returns the health of an object as Argo CD itself computes it.
 *
 * @param dir for temporary files
 * @param settings the path of an argocd-cm
 */
export async function argoHealth(dir: string, settings: string, object: object): Promise<Health> {
  const { argocd } = await binaries("argocd");
  const file = join(dir, `object-${count++}.yaml`);
  await writeFile(file, stringify(object));
  const args = ["admin", "settings", "resource-overrides", "health", file, "--argocd-cm-path", settings];
  // the name chooses one of the programs that are in this binary
  const text = await run(argocd, args, { env: { ARGOCD_BINARY_NAME: "argocd", HOME: dir } });
  const [, status = text, message = ""] = /^STATUS: (.*)\nMESSAGE: (.*)$/m.exec(text) ?? [];
  return { status, message };
}
