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
  ] as const)("has the length and the characters that were asked for: %s", (charset, pattern) => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 4096 }), (length) => {
        const value = generate({ length, charset });

        expect(value).toHaveLength(length);
        expect(value).toMatch(pattern);
      }),
      { numRuns: 20 },
    );
  });

  it("is 32 alphanumeric characters if nothing else is asked for, and never the same", () => {
    const values = Array.from({ length: 100 }, () => generate({}));

    expect(values.every((value) => /^[A-Za-z0-9]{32}$/.test(value))).toBe(true);
    expect(new Set(values).size).toBe(100);
  });

  it("uses every character of its set", () => {
    const seen = new Set(generate({ length: 4096, charset: "alphanumeric" }));

    expect(seen.size).toBe(62);
  });

  it("cannot be printed", () => {
    const value = generate({});

    expect(redact(`password ${value}`)).toBe("password [redacted]");
  });
});
