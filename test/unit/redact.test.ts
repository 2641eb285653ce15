import { describe, expect, it } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { redact, redactFreeText, secret, wordsIn } from "../../src/redact.ts";

describe("redact", () => {
  it("hides a registered value, its base64, and its form inside JSON", () => {
    const value = secret('correct "horse" battery');

    for (const form of [value, Buffer.from(value).toString("base64"), JSON.stringify({ value })]) {
      expect(redact(`before ${form} after`)).not.toContain("horse");
      expect(redact(`before ${form} after`)).not.toContain(Buffer.from(value).toString("base64"));
      expect(redact(`before ${form} after`)).toMatch(/^before .*\[redacted\].* after$/);
    }
  });

  it("hides the longer of two values when one holds the other", () => {
    secret("abcdef-123");
    secret("abcdef-123-and-more");

    expect(redact("x abcdef-123-and-more y")).toBe("x [redacted] y");
  });

  it("leaves no part of values that overlap, and keeps what stands between others", () => {
    secret("first-half");
    secret("half-second");

    expect(redact("x first-half-second y first-half z half-second")).toBe("x [redacted] y [redacted] z [redacted]");
    expect(redact("first-halffirst-half")).not.toContain("half");
  });

  it("finds each of ten thousand values that begin alike or not, wherever it stands", () => {
    const values = Array.from({ length: 10_000 }, (_, n) =>
      secret(n % 2 === 0 ? `static-password-${n}` : `${n}-made-${n * 7919}`),
    );

    const shown = redact(`at the start ${values.join(" between ")} and the end`);

    expect(shown).toBe(`at the start ${values.map(() => "[redacted]").join(" between ")} and the end`);
    expect(redact(values[0] ?? "")).toBe("[redacted]");
  });

  it("leaves text alone that holds no secret, and does not take short words for secrets", () => {
    secret("dev");

    expect(redact("policy dev of role1")).toBe("policy dev of role1");
  });
});

describe("words that people wrote as values", () => {
  it("are hidden in what others say, and not where something has the same name", () => {
    wordsIn({ environment: "production", list: ["kubernetes"] });

    expect(redact("role production of kubernetes")).toBe("role production of kubernetes");
    expect(redactFreeText("role production of kubernetes")).toBe("role [redacted] of [redacted]");
  });

  it("leave no part of a secret that they overlap", () => {
    secret("abcdef-secret");
    wordsIn("secret-word");

    expect(redactFreeText("x abcdef-secret-word y")).toBe("x [redacted] y");
  });

  it("are hidden in the errors and warnings of a log, which is still a log", () => {
    const lines: string[] = [];
    const log = createLogger({ level: "info", output: "json", color: false }, (text) => lines.push(text));
    wordsIn(["failed", "create", "warning-word"]);

    log.error(
      { op: "create", path: "warning-word", error: "no create of warning-word", todo: "mend create" },
      "failed",
    );

    expect(JSON.parse(lines.join(""))).toMatchObject({
      ...{ op: "create", path: "warning-word", msg: "failed" },
      ...{ error: "no [redacted] of [redacted]", todo: "mend [redacted]" },
    });
  });
});

describe("createLogger", () => {
  const line = (output: "table" | "json", color: boolean) => {
    const lines: string[] = [];
    const log = createLogger({ level: "info", output, color }, (text) => lines.push(text));
    log.warn({ pod: "vault-0", token: secret("hvs-planted-value") }, "tried");
    return lines.join("");
  };

  it("writes one JSON object a line, without the secret", () => {
    const written = JSON.parse(line("json", false));

    expect(written).toMatchObject({ level: "warn", pod: "vault-0", token: "[redacted]", msg: "tried" });
  });

  it("writes a line for people, coloured only when told", () => {
    expect(line("table", false)).toMatch(/^\d\d:\d\d:\d\d warn: tried {2}pod=vault-0 token=\[redacted\]\n$/);
    expect(line("table", true)).toContain("\u001b[33m");
  });
});
