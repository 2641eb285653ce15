import type { Item } from "../kinds/model/kind.ts";
import type { Logger } from "../logger.ts";
import { listenForWarnings } from "../vault/warnings.ts";

/** Vault's own warnings about one object, when it was read or written. */
export type ObjectWarnings = { readonly item: Item; readonly texts: readonly string[] };

/** Runs `act`. @returns its result, and Vault's warnings in the answers to its requests, each once */
export async function withWarnings<T>(act: () => Promise<T>): Promise<{ result: T; texts: readonly string[] }> {
  const texts = new Set<string>();
  const result = await listenForWarnings((text) => texts.add(text), act);
  return { result, texts: [...texts] };
}

/** @returns the warnings of those items that have any */
export function warningsOf(
  items: readonly Item[],
  textsOf: (item: Item) => readonly string[] | undefined,
): ObjectWarnings[] {
  return items.flatMap((item) => {
    const texts = textsOf(item) ?? [];
    return texts.length === 0 ? [] : [{ item, texts }];
  });
}

/** Logs warnings that no plan shows. */
export function logWarnings(log: Logger, warnings: readonly ObjectWarnings[]): void {
  for (const { item, texts } of warnings) {
    for (const warning of texts) log.warn({ path: item.path, warning }, "Vault warns");
  }
}
