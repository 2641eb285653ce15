/** The plural of a noun or of a phrase that ends in one: "policies" for "policy". */
export function plural(noun: string): string {
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
