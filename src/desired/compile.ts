import { sections } from "../kinds/index.ts";
import type { Values } from "../kinds/model/compare.ts";
import type { Item, Origin } from "../kinds/model/kind.ts";
import { itemNamedBy, referencesIn } from "../kinds/model/reference.ts";

/** A configuration that was checked: plain values, shaped as rootSpec says. */
export type CheckedConfig = Values & WithPolicies & { readonly namespaces?: Readonly<Record<string, WithPolicies>> };
type WithPolicies = { readonly policies?: Readonly<Record<string, { hcl: string }>> };

/** The objects that a configuration means, sorted by path. Pure. */
export function compile(checked: CheckedConfig, originOf: (value: unknown) => Origin): Item[] {
  const items = sections.compile(checked, { prefix: "", values: {}, originOf });
  return items.map(withReferences).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What an item names comes before it. */
function withReferences(item: Item): Item {
  const references = referencesIn(item.desired);
  if (references.length === 0) return item;
  const prefix = item.namespace === undefined ? "" : `${item.namespace}/`;
  const named = references.map((reference) => `${prefix}${itemNamedBy(reference)}`);
  return { ...item, references, requires: [...(item.requires ?? []), ...named] };
}
