import { expect } from "vitest";
import { type Item, unbuffered } from "../../../../src/kinds/model/kind.ts";
import type { Vault } from "../../../../src/vault/client.ts";

/** Asks for each object by its name in upper case: it must be there where case does not count, and only there. */
export async function foldNames(vault: Vault, items: readonly Item[]): Promise<void> {
  for (const item of items) {
    const otherwise = item.path.replace(/[^/]+$/, (name) => name.toUpperCase());
    if (otherwise === item.path || !(await isAskedByName(vault, item))) continue;

    expect(await isThere(vault, item, otherwise), otherwise).toBe(isFolded(item));
  }
}

/** Vault finds a policy in any case; a configuration with one in upper case is refused before Vault is asked. */
function isFolded({ kind, sameAs }: Item): boolean {
  return sameAs !== undefined || kind.name === "policy";
}

/** An alias is found by its owner, what Vault never tells nowhere, and what is under `raw` may be anything. */
async function isAskedByName(vault: Vault, item: Item): Promise<boolean> {
  if (item.kind.name === "path" || item.kind.name.endsWith(" alias")) return false;
  return !(await isThere(vault, item, `${item.path}-other`));
}

async function isThere(vault: Vault, item: Item, path: string): Promise<boolean> {
  try {
    return (await item.kind.read(unbuffered(vault), { ...item, path })) !== undefined;
  } catch {
    return false;
  }
}
