import { describe, expect, it } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { redact, redactFreeText, renewedSecret, secret, wordsIn } from "../../src/redact.ts";

describe("redact", () => {
  it("replaces a registered value, its base64 and its JSON form", () => {
    const value = secret('correct "horse" battery');

    for (const form of [value, Buffer.from(value).toString("base64"), JSON.stringify({ value })]) {
      expect(redact(`before ${form} after`)).not.toContain("horse");
      expect(redact(`before ${form} after`)).not.toContain(Buffer.from(value).toString("base64"));
      expect(redact(`before ${form} after`)).toMatch(/^before .*\[redacted\].* after$/);
    }
  });

  it("replaces a registered value as it stands in a URL, in hex, and in base64url with or without padding", () => {
    const value = secret("p@ss wörd/?>>(1)*'!~");
    const bytes = Buffer.from(value);
    const go = "p%40ss%20w%C3%B6rd%2F%3F%3E%3E%281%29%2A%27%21~";
    const forms = [
      encodeURIComponent(value),
      go,
      go.replaceAll("%20", "+"),
      bytes.toString("hex"),
      bytes.toString("hex").toUpperCase(),
      bytes.toString("base64url"),
      bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_"),
    ];

    for (const form of forms) expect(redact(`dial x:${form}@host`), form).toMatch(/^dial x:\[redacted\]=*@host$/);
  });

  it("takes a value that is no valid Unicode", () => {
    const value = secret("lone-\ud800-surrogate");

    expect(redact(`a ${value} b`)).toBe("a [redacted] b");
  });

  it("replaces the newest of a secret that is renewed, and forgets the oldest, but no other value that begins alike", () => {
    secret("token-number-0-is-a-prefix-of-this");
    const tokens = Array.from({ length: 6 }, (_, i) => `token-number-${i}`);
    for (const token of tokens) {
      renewedSecret(token);
      renewedSecret(token);
    }

    expect(tokens.map(redact)).toEqual([...tokens.slice(0, 2), ...tokens.slice(2).map(() => "[redacted]")]);
    expect(redact("token-number-0-is-a-prefix-of-this")).toBe("[redacted]");
  });

  it("replaces the longer of two values when one contains the other", () => {
    secret("abcdef-123");
    secret("abcdef-123-and-more");

    expect(redact("x abcdef-123-and-more y")).toBe("x [redacted] y");
  });

  it("replaces overlapping values completely, and keeps the text between others", () => {
    secret("first-half");
    secret("half-second");

    expect(redact("x first-half-second y first-half z half-second")).toBe("x [redacted] y [redacted] z [redacted]");
    expect(redact("first-halffirst-half")).not.toContain("half");
  });

  it("replaces each of ten thousand values, with equal or different beginnings, anywhere in a text", () => {
    const values = Array.from({ length: 10_000 }, (_, n) =>
      secret(n % 2 === 0 ? `static-password-${n}` : `${n}-made-${n * 7919}`),
    );

    const shown = redact(`at the start ${values.join(" between ")} and the end`);

    expect(shown).toBe(`at the start ${values.map(() => "[redacted]").join(" between ")} and the end`);
    expect(redact(values[0] ?? "")).toBe("[redacted]");
  });

  it("keeps a text without secrets, and ignores short values", () => {
    secret("dev");

    expect(redact("policy dev of role1")).toBe("policy dev of role1");
  });
});

describe("values registered by wordsIn", () => {
  it("are replaced in free text, and kept in names", () => {
    wordsIn({ environment: "production", list: ["kubernetes"] });

    expect(redact("role production of kubernetes")).toBe("role production of kubernetes");
    expect(redactFreeText("role production of kubernetes")).toBe("role [redacted] of [redacted]");
  });

  it("are replaced together with a secret that they overlap", () => {
    secret("abcdef-secret");
    wordsIn("secret-word");

    expect(redactFreeText("x abcdef-secret-word y")).toBe("x [redacted] y");
  });

  it("are replaced in the errors and warnings of a log, and kept in its other fields", () => {
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

  it("writes one JSON object a line, with secrets redacted", () => {
    const written = JSON.parse(line("json", false));

    expect(written).toMatchObject({ level: "warn", pod: "vault-0", token: "[redacted]", msg: "tried" });
  });

  it("writes a line for people, in colour only on request", () => {
    expect(line("table", false)).toMatch(/^\d\d:\d\d:\d\d warn: tried {2}pod=vault-0 token=\[redacted\]\n$/);
    expect(line("table", true)).toContain("\u001b[33m");
  });
});
