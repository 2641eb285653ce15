import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLogger } from "../../src/logger.ts";
import {
  isMachineMade,
  redact,
  redactFreeText,
  redactIn,
  redactOutput,
  renewedSecret,
  secret,
  secretsIn,
  wordsIn,
} from "../../src/redact.ts";
import { VaultError } from "../../src/vault/error.ts";
import { projectDir } from "../cluster/paths.ts";

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

  it("replaces a value also without its surrounding white space, as it is and encoded", () => {
    const bare = "block scalar of YAML";
    secret(`  ${bare}\n`);

    for (const form of [bare, Buffer.from(bare).toString("base64"), encodeURIComponent(bare)]) {
      expect(redact(`a ${form} b`), form).toBe("a [redacted] b");
    }
    expect(redactOutput(`a ${bare} b`)).toBe(`a ${bare} b`);
  });

  it("replaces each line of a value of several lines, except short ones", () => {
    secret("\tfirst line <1>\r\nshort\nlast line of it");

    expect(redact("a first line <1> b short c last line of it d")).toBe("a [redacted] b short c [redacted] d");
    expect(redact("a first line \\u003c1\\u003e b")).toBe("a [redacted] b");
    expect(redactOutput("a last line of it b")).toBe("a last line of it b");
  });

  it("replaces a value as Go writes it in JSON, and in base64 without padding", () => {
    const value = secret("<less> & <more>1");
    const base64 = Buffer.from(value).toString("base64");

    expect(base64).toMatch(/==$/);
    expect(redact("a \\u003cless\\u003e \\u0026 \\u003cmore\\u003e1 b")).toBe("a [redacted] b");
    expect(redact(`a ${base64} b ${base64.slice(0, -2)} c`)).toBe("a [redacted] b [redacted] c");
  });

  it("keeps a value that was also registered with a line break when it forgets the renewed one", () => {
    const kept = "renewed-and-in-a-file";
    secret(`${kept}\n`);
    for (const value of [kept, ...Array.from({ length: 4 }, (_, i) => `renewed-later-${i}`)]) renewedSecret(value);

    expect(redact(`a ${kept} b`)).toBe("a [redacted] b");
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
  }, 60_000);

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

  it("are replaced in the words of Vault that an error quotes, and kept in the error's own words", () => {
    wordsIn(["answered", "storage-word"]);

    const { message } = new VaultError("write a/b on vault-0", 400, ["Vault answered about storage-word"]);

    expect(message).toBe("write a/b on vault-0: Vault answered 400: Vault [redacted] about [redacted]");
  });
});

describe("a secret that is also a word of the program", () => {
  const logged = (fields: object, message: string) => {
    const lines: string[] = [];
    createLogger({ level: "info", output: "json", color: false }, (text) => lines.push(text)).error(fields, message);
    return JSON.parse(lines.join("")) as Record<string, unknown>;
  };

  it("is replaced in values and in texts of others, and kept in the program's own texts", () => {
    secret("change");

    expect(redactOutput('{"changes":[]} Vault cannot change it')).toBe('{"changes":[]} Vault cannot change it');
    expect(redactIn({ change: ["change", { a: "to change" }] })).toEqual({
      change: ["[redacted]", { a: "to [redacted]" }],
    });
    expect(new VaultError("change x", 400, ["no change"]).message).toBe("change x: Vault answered 400: no [redacted]");
  });

  it("does not change the keys, messages and names of a log, and is replaced in its values", () => {
    secretsIn(["failed", "exitCode", "mounts", "vault-0", "kubectl", "planted-value"]);

    const line = logged(
      { exitCode: 5, pod: "vault-0", error: "read mounts", todo: "kubectl", other: { of: "planted-value" } },
      "failed",
    );

    expect(line).toMatchObject({ level: "error", exitCode: 5, pod: "vault-0", error: "read mounts", todo: "kubectl" });
    expect(line).toMatchObject({ msg: "failed", other: { of: "[redacted]" } });
  });

  it("is replaced in the stack of a bug", () => {
    secret("readable");

    expect(logged({ stack: "Error: not readable" }, "bug")["stack"]).toBe("Error: not [redacted]");
  });
});

describe("redactOutput", () => {
  it.each([
    ["a token of Vault", ["hvs", "CAESIJ3vQm9xWq7Zt1yKp0aLr8Nd5sXc"].join(".")],
    ["a generated value", "aZ4kP9qLw2xTn7Rb"],
    ["an unseal key", "6c1f0e9b8a7d5c4e3f2a1b0c9d8e7f6a"],
    ["a UUID", "3f2a1b0c-9d8e-7f6a-6c1f-0e9b8a7d5c4e"],
    ["a key in PEM", "-----BEGIN KEY-----\nplanted\n-----END KEY-----\n"],
  ])("replaces %s, wherever it stands", (_, value) => {
    secret(value);

    expect(redactOutput(`before ${value} after`)).toBe("before [redacted] after");
    expect(redactOutput(JSON.stringify({ value }))).not.toContain("planted");
  });

  it("replaces no word in the program's texts, whatever the secrets are", () => {
    const files = readdirSync(join(projectDir, "src"), { recursive: true, encoding: "utf8" });
    const sources = files.filter((name) => name.endsWith(".ts")).map((name) => join(projectDir, "src", name));
    const texts = sources.flatMap((file) => readFileSync(file, "utf8").match(/"[^"\n]*"|`[^`]*`|[A-Za-z]\w*/g) ?? []);

    const machineMade = texts.filter((text) => isMachineMade(text.replaceAll("\n", " ")));

    expect(texts.length).toBeGreaterThan(1000);
    expect(machineMade).toEqual([]);
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
