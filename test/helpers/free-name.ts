import fc from "fast-check";

/** What Vault has by itself, or what means something in the desired state: chance finds these too, one day. */
const taken = ["sys", "auth", "identity", "cubbyhole", "token", "root", "default", "generate"];

/** Names that nobody has taken, of so many letters and digits at most. */
export function freeName(most: number): fc.Arbitrary<string> {
  return fc.stringMatching(new RegExp(`^[a-z][a-z0-9]{0,${most - 1}}$`)).filter((name) => !taken.includes(name));
}
