import type { Item } from "../../kinds/model/kind.ts";

/** @returns whether a path is declared, also in a different case where Vault ignores case */
export function declaredIn(items: readonly Item[]): (path: string) => boolean {
  const paths = new Set(items.map(({ path }) => path));
  const folded = new Set(items.flatMap(({ sameAs }) => (sameAs === undefined ? [] : [sameAs.toLowerCase()])));
  return (path) => paths.has(path) || folded.has(path.toLowerCase());
}
