/**
 * JavaScript rounds whole numbers above 2^53, so writing one back would change it.
 * @returns whether the value is such a number or contains one
 */
export function isInexact(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === "object" && value !== null && Object.values(value).some(isInexact);
}
