import type { Located } from "./decode/node.ts";
import type { Mistake } from "./mistake.ts";

/** OpenBao has control groups too, since 2.7. */
const words: Readonly<Record<string, readonly string[]>> = {
  Vault: ["subscribe_event_types", "subscribe", "recover"],
  OpenBao: ["expiration", "pagination_limit", "list_scan_response_keys_filter_path", "scan"],
};

/**
 * Reports words that only Vault has beside words that only OpenBao has: no server accepts both.
 * @param used the keys of all paths, and the capabilities that are checked
 */
export function checkServers(used: readonly Located<string>[]): Mistake[] {
  const [vault, bao] = ["Vault", "OpenBao"].map((server) => used.find(({ value }) => words[server]?.includes(value)));
  if (vault === undefined || bao === undefined) return [];
  const found = `${bao.value}, which only OpenBao has`;
  return [{ offset: bao.offset, found, expected: `no ${vault.value} in the same policy, which only Vault has` }];
}
