import { expect } from "vitest";
import { type Item, uncachedReader } from "../../../../src/kinds/model/kind.ts";
import type { Vault } from "../../../../src/vault/client.ts";

/** Reads each object by its name in upper case: it must be found if its kind folds names, and only then. */
export async function checkNameCase(vault: Vault, items: readonly Item[]): Promise<void> {
  for (const item of items) {
    const upperCase = item.path.replace(/[^/]+$/, (name) => name.toUpperCase());
    if (upperCase === item.path || !(await isReadByName(vault, item))) continue;

    expect(await exists(vault, item, upperCase), upperCase).toBe(isFolded(item));
  }
}

/** Vault folds policy names too; `validate` rejects upper case in them, so policies have no `sameAs`. */
function isFolded({ kind, sameAs }: Item): boolean {
  return sameAs !== undefined || kind.name === "policy";
}

/** Not by name: aliases, which are read with their owner; unreadable kinds, which always exist; and `raw` paths. */
async function isReadByName(vault: Vault, item: Item): Promise<boolean> {
  if (item.kind.name === "path" || item.kind.name.endsWith(" alias")) return false;
  return !(await exists(vault, item, `${item.path}-other`));
}

async function exists(vault: Vault, item: Item, path: string): Promise<boolean> {
  try {
    return (await item.kind.read(uncachedReader(vault), { ...item, path })) !== undefined;
  } catch {
    return false;
  }
}
