import fc from "fast-check";

const values = [
  null,
  true,
  false,
  0,
  1,
  -1,
  2.5,
  "",
  "a",
  "1h",
  "10",
  "A",
  "a/b",
  [],
  ["a"],
  [1, true],
  {},
  { a: "b" },
];

/** Generates a mutation: `at` picks a field of the document, modulo their number; `to` is its new value, "delete" or "rename". */
export const mutation = fc.record({
  at: fc.nat(),
  to: fc.oneof(fc.constantFrom(...values), fc.constant("delete"), fc.constant("rename")),
});
type Mutation = { at: number; to: unknown };

/** Sets, deletes or renames one field of the document, in place. @returns the document */
export function mutate(document: unknown, { at, to }: Mutation): unknown {
  const slots = slotsIn(document);
  const slot = slots[at % slots.length];
  if (slot === undefined) return document;
  const { parent, key } = slot;
  if (to !== "delete" && to !== "rename") parent[key] = structuredClone(to);
  else {
    if (to === "rename") parent[`${key} b`] = parent[key];
    delete parent[key];
  }
  return document;
}

type Slot = { parent: Record<string, unknown>; key: string };
function slotsIn(value: unknown): Slot[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [{ parent, key }, ...slotsIn(parent[key])]);
}
