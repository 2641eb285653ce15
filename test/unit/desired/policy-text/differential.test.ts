import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { checkPolicy } from "../../../../src/desired/policy-text/check.ts";
import { projectDir } from "../../../cluster/paths.ts";
import { reasonFor } from "../../../helpers/policy-texts/reasons.ts";
import {
  allTexts,
  type Disagreement,
  disagreementsOn,
  isRefused,
  type Recorded,
  readRecord,
  type Server,
} from "../../../helpers/policy-texts/verdicts.ts";

const table = join(projectDir, "test/helpers/policy-texts/disagreements.md");

describe("checkPolicy, compared with the recorded answers of Vault and OpenBao", () => {
  let record: Recorded[];
  let left: Disagreement[];
  beforeAll(async () => {
    record = await readRecord();
    left = record.flatMap((recorded) => disagreementsOn(recorded, checkPolicy(recorded.text)));
  });

  it("has an answer for every text; if not, run the integration test with -u", () => {
    expect(record.map(({ text }) => text)).toEqual(allTexts());
  });

  it("is tested with texts that are accepted, refused, and make a server panic", () => {
    for (const answer of ["accepted", "refused", "panics"]) {
      expect(record.filter(({ vault }) => vault.startsWith(answer)).length).toBeGreaterThan(10);
    }
  });

  it("disagrees only for a known reason", () => {
    const unexplained = left.filter((each) => reasonFor(each) === undefined);

    expect(unexplained).toEqual([]);
  });

  it("has every disagreement in the table; if not, read what changed and run this test with -u", async () => {
    const rows = left.map((each) => rowOf(each));
    const counts = (["vault", "bao"] as const).map((server) => countOf(server, record, left));
    const head = ["# Policies on which validate and a server disagree", "", ...counts];

    await expect(
      [
        ...head,
        "",
        "| server | validate | server | policy | reason |",
        "| --- | --- | --- | --- | --- |",
        ...rows,
        "",
      ].join("\n"),
    ).toMatchFileSnapshot(table);
  });
});

function countOf(server: Server, record: readonly Recorded[], left: readonly Disagreement[]): string {
  const differ = left.filter((each) => each.server === server).length;
  return `- ${nameOf(server)}: ${record.length} policies, agreed on ${record.length - differ}, disagreed on ${differ}.`;
}

function rowOf(each: Disagreement): string {
  const { server, recorded, mistakes } = each;
  const own = isRefused(mistakes) ? "refuses" : "accepts";
  const text = JSON.stringify(recorded.text).replaceAll("|", "\\|").replaceAll("`", "'");
  return `| ${nameOf(server)} | ${own} | ${recorded[server] === "accepted" ? "accepts" : "refuses"} | \`${text}\` | ${reasonFor(each)} |`;
}

function nameOf(server: Server): string {
  return server === "vault" ? "Vault" : "OpenBao";
}
