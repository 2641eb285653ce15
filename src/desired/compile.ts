import { sections } from "../kinds/index.ts";
import type { Item, Origin } from "../kinds/model/kind.ts";
import { itemNamedBy, referencesIn } from "../kinds/model/reference.ts";
import { secretUsesIn } from "../kinds/model/secret-reference.ts";
import type { Values } from "../kinds/model/values.ts";

/** A configuration after checking: plain values in the shape of rootSpec. */
export type CheckedConfig = Values & WithPolicies & { readonly namespaces?: Readonly<Record<string, WithPolicies>> };

export type WithPolicies = { readonly policies?: Readonly<Record<string, Policy>> };

/** After resolving, the text of a policy is in `hcl`, even if it comes from a file. */
export type Policy = { readonly file?: string; hcl?: string };

/**
 * Makes the objects that a configuration declares, sorted by path. Pure.
 * @param originOf where a value of the configuration was declared
 */
export function compile(checked: CheckedConfig, originOf: (value: unknown) => Origin): Item[] {
  const items = sections.compile(checked, { prefix: "", values: {}, originOf });
  return items
    .map(withReferences)
    .map(withSecrets)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** An item depends on the items that it refers to. */
function withReferences(item: Item): Item {
  const references = referencesIn(item.desired);
  if (references.length === 0) return item;
  const prefix = item.namespace === undefined ? "" : `${item.namespace}/`;
  const named = references.map((reference) => `${prefix}${itemNamedBy(reference)}`);
  return { ...item, references, requires: [...(item.requires ?? []), ...named] };
}

function withSecrets(item: Item): Item {
  const secrets = item.secrets ?? secretUsesIn(item.desired);
  return secrets.length === 0 ? item : { ...item, secrets };
}
