import { fieldOf } from "./field.ts";
import { elements, listType } from "./list.ts";

/** A list of CIDR blocks. Vault returns a single address without its /32 or /128, and all in the shortest form. */
export const cidrs = fieldOf(() => ({
  ...listType({}),
  name: "cidr list",
  normalise: (value) => elements(value, network),
}));

function network(text: string): string {
  const [address = "", ...bits] = text.split("/");
  const host = `http://[${address}]`;
  // URL writes IPv6 in its shortest form
  const plain = URL.canParse(host) ? new URL(host).hostname.slice(1, -1) : address;
  const isOne = bits.join() === (plain.includes(":") ? "128" : "32");
  return isOne ? plain : [plain, ...bits].join("/");
}
