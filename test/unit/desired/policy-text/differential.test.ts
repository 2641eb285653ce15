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
      expect(record.filter(({ vault }) => vault.startsWith(answer)).length).toBeGreaterThan(5);
    }
  });

  it("disagrees only for a known reason", () => {
    const unexplained = left.filter((each) => reasonFor(each) === undefined);

    expect(unexplained).toEqual([]);
  });

  it("has every disagreement in the table; if not, read what changed and run this test with -u", async () => {
    await expect(tableOf(record, left)).toMatchFileSnapshot(table);
  });
});

function tableOf(record: readonly Recorded[], left: readonly Disagreement[]): string {
  const counts = (["vault", "bao"] as const).map((server) => {
    const differ = left.filter((each) => each.server === server).length;
    return `- ${nameOf(server)}: agreed on ${record.length - differ} of ${record.length} policies, disagreed on ${differ}.`;
  });
  const groups = Object.groupBy(left, (each) => reasonFor(each) ?? "No reason is known.");
  const parts = Object.entries(groups).map(([reason, each = []]) => ["", `## ${reason}`, "", ...each.map(lineOf)]);
  return ["# Policies on which validate and a server disagree", "", ...counts, ...parts.flat(), ""].join("\n");
}

function lineOf({ server, recorded, mistakes }: Disagreement): string {
  const verbs = isRefused(mistakes) ? ["refuses", "accepts"] : ["accepts", "refuses"];
  const text = JSON.stringify(recorded.text).replaceAll("`", "'");
  return `- \`validate\` ${verbs[0]}, ${nameOf(server)} ${verbs[1]}: \`${text}\``;
}

function nameOf(server: Server): string {
  return server === "vault" ? "Vault" : "OpenBao";
}
