import { describe, expect, it } from "vitest";
import type { Cluster } from "../../../src/connect/connection.ts";
import { probeMember } from "../../../src/connect/probe-member.ts";
import { testedVersions, warnIfUntested } from "../../../src/connect/tested-versions.ts";
import { createLogger } from "../../../src/logger.ts";

const [vault = ""] = testedVersions.Vault;
const [bao = ""] = testedVersions.OpenBao;

function openLog() {
  const lines: string[] = [];
  const log = createLogger({ level: "info", output: "json", color: false }, (line) => lines.push(line));
  return { log, warnings: () => lines.map((line) => JSON.parse(line)) };
}

describe("warnIfUntested", () => {
  it.each(["0.9.0", "99.2.2", "99.1.0-rc1", "99.2.2+ent", "99.2.2+ent.hsm.fips1403", `${vault}9.0`, `9${vault}.1`])(
    "warns of %s, with the tested versions and where to read more",
    (version) => {
      const { log, warnings } = openLog();

      warnIfUntested(log, version);

      expect(warnings()).toEqual([
        expect.objectContaining({
          level: "warn",
          version,
          tested: `Vault ${vault}; OpenBao ${bao}`,
          todo: expect.stringContaining("docs/compatibility.md"),
        }),
      ]);
    },
  );

  it.each([
    `${vault}.0`,
    `${vault}.14`,
    `v${bao}.2`,
    `${vault}.0-rc1`,
    `${vault}.1+ent`,
    `${bao}.1-beta1+ent.hsm`,
    "?",
    "unknown",
    "",
  ])("does not warn of %j, which is tested or unknown", (version) => {
    const { log, warnings } = openLog();

    warnIfUntested(log, version);

    expect(warnings()).toEqual([]);
  });

  it("warns once of each version in one log, and again in another", () => {
    const [first, second] = [openLog(), openLog()];

    for (const version of ["99.2.2", "99.2.2", "99.1.0", "99.2.2"]) warnIfUntested(first.log, version);
    warnIfUntested(second.log, "99.2.2");

    expect(first.warnings().map(({ version }) => version)).toEqual(["99.2.2", "99.1.0"]);
    expect(second.warnings()).toHaveLength(1);
  });
});

// a fake, since no Vault 2 can be built for the tests
it("probeMember warns once a run of members of an untested version, and returns their status", async () => {
  const { log, warnings } = openLog();
  const answer = { initialized: false, sealed: true, type: "shamir", version: "99.2.2" };
  const vault = { name: "vault-0", read: async () => answer };
  const cluster = { run: { log }, members: { connect: async () => vault } } as unknown as Cluster;

  const statuses = await Promise.all(["vault-0", "vault-1"].map((pod) => probeMember(cluster, pod)));

  expect(statuses).toMatchObject([{ version: "99.2.2" }, { version: "99.2.2" }]);
  expect(warnings()).toHaveLength(1);
});
