import { type Disagreement, isRefused } from "./verdicts.ts";

type Reason = { readonly why: string; explains(disagreement: Disagreement): boolean };

const keysOfVault = "subscribe_event_types";
const keysOfBao = "expiration|pagination_limit|list_scan_response_keys_filter_path";

const reasons: readonly Reason[] = [
  {
    why: "Only OpenBao has this key or capability. `validate` does not know the server.",
    explains: ({ server, recorded, mistakes }) =>
      server === "vault" && !isRefused(mistakes) && isUnknown(recorded.vault, keysOfBao, "scan"),
  },
  {
    why: "Only Vault has this key or capability. `validate` does not know the server.",
    explains: ({ server, recorded, mistakes }) =>
      server === "bao" && !isRefused(mistakes) && isUnknown(recorded.bao, keysOfVault, "subscribe|recover"),
  },
  {
    why: "OpenBao has its own rules for control groups: each factor needs `controlled_capabilities`. `validate` follows Vault.",
    explains: ({ server, recorded, mistakes }) =>
      server === "bao" && !isRefused(mistakes) && /control.group/.test(recorded.bao),
  },
  {
    why: "OpenBao accepts an argument twice, Vault does not. `validate` follows Vault.",
    explains: ({ server, recorded, mistakes }) =>
      server === "bao" &&
      recorded.vault.includes("was already set") &&
      mistakes.every(({ isWarning, found }) => isWarning || found.startsWith("a duplicate")),
  },
  {
    why: "OpenBao drops an entry that is not complete before a closing brace, Vault does not. `validate` follows Vault.",
    explains: ({ server, recorded, mistakes }) =>
      server === "bao" && recorded.vault.includes("RBRACE") && isRefused(mistakes),
  },
  {
    why: "OpenBao parses the template; `validate` checks only that it names `.key`.",
    explains: ({ server, recorded, mistakes }) =>
      server === "bao" && !isRefused(mistakes) && /template|filter/.test(recorded.bao),
  },
  {
    why: "No policy comes near 100 levels of nesting; without a limit a text could exhaust the stack.",
    explains: ({ mistakes }) => mistakes.some(({ found }) => found.includes("nested too deeply")),
  },
];

/** All keys and capabilities that the server refuses are words of the other server. */
function isUnknown(answer: string, keys: string, capabilities: string): boolean {
  const found = [...answer.matchAll(/invalid (?:key|capability) "([^"]*)"/g)].map(([, word = ""]) => word);
  return found.length > 0 && found.every((word) => new RegExp(`^(?:${keys}|${capabilities})$`).test(word));
}

/** @returns why the disagreement is left; undefined if it is a new one */
export function reasonFor(disagreement: Disagreement): string | undefined {
  return reasons.find((reason) => reason.explains(disagreement))?.why;
}
