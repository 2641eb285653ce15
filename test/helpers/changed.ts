import fc from "fast-check";

/** Which place of a document is changed, counted from 0 and around, and what stands there then. */
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
export const change = fc.record({
  at: fc.nat(),
  to: fc.oneof(fc.constantFrom(...values), fc.constant("delete"), fc.constant("rename")),
});
type Change = { at: number; to: unknown };

/** The document, which is changed. */
export function changed(document: unknown, { at, to }: Change): unknown {
  const places = placesIn(document);
  const place = places[at % places.length];
  if (place === undefined) return document;
  const { parent, key } = place;
  if (to !== "delete" && to !== "rename") parent[key] = structuredClone(to);
  else {
    if (to === "rename") parent[`${key} b`] = parent[key];
    delete parent[key];
  }
  return document;
}

type Slot = { parent: Record<string, unknown>; key: string };
function placesIn(value: unknown): Slot[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [{ parent, key }, ...placesIn(parent[key])]);
}
