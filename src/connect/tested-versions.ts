import type { Logger } from "../logger.ts";
import { memoize } from "../util/memoize.ts";

/** The minor versions of the servers in the tests: test/tooling/tested-versions.test.ts compares them with test/cluster/versions.ts. */
export const testedVersions: Readonly<Record<"Vault" | "OpenBao", readonly string[]>> = {
  Vault: ["1.21"],
  OpenBao: ["2.7"],
};

const seenBy = memoize((_log: Logger) => new Set<string>());

/**
 * Warns of a server whose minor version no test has run, once for each log and version. Vault and OpenBao do not say which of the two
 * they are, so the tested versions of both count (docs/adr/0032-tested-versions.md).
 *
 * @param version as the server reports it. A listener with `redact_version` hides it, and then nothing is known.
 */
export function warnIfUntested(log: Logger, version: string): void {
  const seen = seenBy(log);
  if (seen.has(version)) return;
  seen.add(version);
  const minor = minorOf(version);
  if (minor === undefined || Object.values(testedVersions).flat().includes(minor)) return;
  const tested = Object.entries(testedVersions).map(([server, minors]) => `${server} ${minors.join(", ")}`);
  log.warn(
    { version, tested: tested.join("; "), todo: "See docs/compatibility.md before you rely on it." },
    "vault-hooks is not tested with this version of Vault or OpenBao",
  );
}

/** @returns "1.21" for `1.21.1`, `1.21.0-rc1` and `v1.21.1+ent.hsm`; undefined for anything else */
export function minorOf(version: string): string | undefined {
  return /^v?(\d+\.\d+)\.\d+/.exec(version)?.[1];
}
