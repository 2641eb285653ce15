import { describe, expect, it } from "vitest";
import { checkHcl } from "../../../src/desired/policy-text/check-hcl.ts";
import { NotReadyError } from "../../../src/errors.ts";
import { VaultError } from "../../../src/vault/error.ts";
import { allTexts, type Recorded, recordFile, toLine } from "../../helpers/policy-texts/verdicts.ts";
import { configure, itemsIn, type KindServer, linesOf, planOf, useKindServer } from "./harness/fixture.ts";

const acl = "sys/policies/acl/checked";

describe("policies on real servers", () => {
  const servers = { vault: useKindServer("vault"), bao: useKindServer("bao") };

  it("are answered as recorded, by Vault and by OpenBao; if not, read what changed and run this test with -u", async () => {
    const record: Recorded[] = [];
    for (const text of allTexts()) {
      const [vault, bao] = await Promise.all([answerOf(servers.vault, text), answerOf(servers.bao, text)]);
      record.push({ text, vault, bao });
    }

    // test/unit/desired/policy-text/differential.test.ts compares the record with checkPolicy
    await expect(`${record.map(toLine).join("\n")}\n`).toMatchFileSnapshot(recordFile);
  });

  it.each(["vault", "bao"] as const)("that are in base64 equal what %s stores", async (kind) => {
    const encoded = Buffer.from('path "a" { capabilities = ["read"] }\n').toString("base64");
    const items = itemsIn(`policies: { encoded: { hcl: ${encoded} } }`);
    const { vault } = servers[kind];

    const { plan } = await configure(vault, items);

    expect(linesOf(plan)).toEqual(["create sys/policies/acl/encoded: policy"]);
    expect(linesOf(await planOf(vault, items))).toEqual([]);
  });
});

describe.each(["vault", "bao"] as const)("password policies on %s", (kind) => {
  const server = useKindServer(kind);
  const rule = 'rule "charset" { charset = "abcdefgh" }';

  it.each([
    ["accepted", `length = 20\n${rule}`],
    ["accepted", `length = 20\n${rule.replace("abc", "\\u00e4")}`],
    ["accepted", Buffer.from(`length = 20\n${rule}`).toString("base64")],
    ["panics", `length = 20\n${rule.replace("abc", "\\777")}`],
    ["panics", `length = 20\nrule "\\U00110000" { charset = "abcdefgh" }`],
    ["panics", '{"length": 20, "rule": [{"charset": [{"charset": "\\ud83d\\ude00"}]}]}'],
    ["panics", Buffer.from(`length = 20\n${rule.replace("abc", "\\400")}`).toString("base64")],
    ["refused", `length = 20 }`],
    ["refused", `length = 20\nlength = 20 }`],
  ])("are %s as validate expects: %j", async (expected, text) => {
    const answer = await answerOf(server, text, "sys/policies/password/checked");

    expect(answer).toMatch(new RegExp(`^${expected}`));
    expect(checkHcl(text).length === 0).toBe(expected === "accepted");
  });
});

/** @returns `accepted`, `panics` (the server closes the connection), or `refused: ` and why */
async function answerOf({ vault }: Pick<KindServer, "vault">, policy: string, path = acl): Promise<string> {
  try {
    await vault.write(path, { policy }, { once: true });
    return "accepted";
  } catch (error) {
    if (error instanceof NotReadyError) return "panics";
    if (!(error instanceof VaultError) || error.status !== 400) throw error;
    return `refused: ${shorten(error.errors.join("; "))}`;
  }
}

/** Vault visits the factors of a control group in any order, so it may report any of their mistakes. */
function shorten(message: string): string {
  const why = message
    .replace(/^.*?failed to parse policy: /s, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return /control.group|identity group/.test(why) && !why.includes("invalid key") ? "a control group" : why;
}
