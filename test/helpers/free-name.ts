import fc from "fast-check";

/** Names that Vault has by itself, or that mean something in the desired state. A long run generates these too. */
const reserved = ["sys", "auth", "identity", "cubbyhole", "token", "root", "default", "generate"];

/** Generates names that are not reserved, of at most `maxLength` letters and digits. */
export function freeName(maxLength: number): fc.Arbitrary<string> {
  return fc
    .stringMatching(new RegExp(`^[a-z][a-z0-9]{0,${maxLength - 1}}$`))
    .filter((name) => !reserved.includes(name));
}
