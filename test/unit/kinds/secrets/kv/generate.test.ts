import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generate } from "../../../../../src/kinds/secrets/kv/generate.ts";
import { redact } from "../../../../../src/redact.ts";

describe("a generated value", () => {
  it.each([
    ["alphanumeric", /^[A-Za-z0-9]+$/],
    ["lowercase", /^[a-z0-9]+$/],
    ["digits", /^\d+$/],
    ["hex", /^[0-9a-f]+$/],
    ["symbols", /^[!-~]+$/],
  ] as const)("has the requested length and characters: %s", (charset, pattern) => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 4096 }), (length) => {
        const value = generate({ length, charset });

        expect(value).toHaveLength(length);
        expect(value).toMatch(pattern);
      }),
      { numRuns: 20 },
    );
  });

  it("has 32 alphanumeric characters by default, and is unique", () => {
    const values = Array.from({ length: 100 }, () => generate({}));

    expect(values.every((value) => /^[A-Za-z0-9]{32}$/.test(value))).toBe(true);
    expect(new Set(values).size).toBe(100);
  });

  it("uses every character of its charset", () => {
    const seen = new Set(generate({ length: 4096, charset: "alphanumeric" }));

    expect(seen.size).toBe(62);
  });

  it("is redacted from output", () => {
    const value = generate({});

    expect(redact(`password ${value}`)).toBe("password [redacted]");
  });
});
