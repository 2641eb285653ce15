/** "policies" of "policy": of what is called in one word or several, the last of them. */
export function plural(what: string): string {
  return /[^aeiou]y$/.test(what) ? `${what.slice(0, -1)}ies` : `${what}s`;
}
