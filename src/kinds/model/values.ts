/** The fields of an object by name, as declared or as Vault returned them. */
export type Values = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
/** @returns Vault's value without the keys that are not declared, at any depth */
export function onlyDeclared(live: unknown, desired: unknown): unknown {
  if (Array.isArray(live) && Array.isArray(desired)) return live.map((each, i) => onlyDeclared(each, desired[i]));
  if (!isMap(live) || !isMap(desired)) return live;
  const declared = Object.entries(live).filter(([key]) => Object.hasOwn(desired, key));
  return Object.fromEntries(declared.map(([key, each]) => [key, onlyDeclared(each, desired[key])]));
}
