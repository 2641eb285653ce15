import { describe, expect, it } from "vitest";
import { fingerprintOf } from "../../../src/custody/fingerprint.ts";
import { formatKeys, parseKeys } from "../../../src/custody/keys-data.ts";
import { RefusedError } from "../../../src/errors.ts";

const shares = ["c2hhcmUtYQ==", "c2hhcmUtYg==", "c2hhcmUtYw=="];
const keys = { shares, threshold: 2, fingerprint: fingerprintOf(shares), created: "2026-01-01T00:00:00.000Z" };
const where = "Secret vault-custody/vault-unseal-keys";

describe("parseKeys", () => {
  it("returns the keys that formatKeys wrote", () => {
    expect(parseKeys(where, formatKeys(keys))).toEqual(keys);
  });

  it.each([
    ["no fingerprint and no date", {}],
    ["an empty fingerprint", { fingerprint: "" }],
  ])("computes the fingerprint of keys that a person wrote with %s", (_, more) => {
    const { fingerprint: _fingerprint, created: _created, ...byHand } = formatKeys(keys);

    expect(parseKeys(where, { ...byHand, ...more })).toEqual({ ...keys, created: "" });
  });

  const { "share-1": _, ...incomplete } = formatKeys(keys);
  const twice = ["a2V5LW9uZQ==", "a2V5LW9uZQ=="];

  it.each([
    ["a share is missing", incomplete, "lacks share-1 of its 3 shares"],
    ["a share is empty", { ...formatKeys(keys), "share-2": "" }, "lacks share-2"],
    ["a share was changed", { ...formatKeys(keys), "share-0": "b3RoZXI=" }, "do not match its fingerprint"],
    ["the threshold is missing", { ...formatKeys(keys), threshold: "" }, 'under "threshold"'],
    ["the threshold is not a whole number", { ...formatKeys(keys), threshold: "2e0" }, 'under "threshold"'],
    ["the threshold exceeds the number of shares", { ...formatKeys(keys), threshold: "4" }, "a threshold of 4"],
    [
      "a share is there twice",
      formatKeys({ ...keys, shares: twice, fingerprint: fingerprintOf(twice) }),
      "the same share twice",
    ],
    ["the Secret is empty", {}, 'under "shares"'],
  ])("refuses, without revealing a share, when %s", (_name, data, part) => {
    const read = () => parseKeys(where, data);

    expect(read).toThrow(RefusedError);
    expect(read).toThrow(part);
    for (const share of shares) expect(read).not.toThrow(share);
  });
});

describe("fingerprintOf", () => {
  it("returns one fingerprint for any order of the shares, and another for other shares", () => {
    expect(fingerprintOf([...shares].reverse())).toBe(keys.fingerprint);
    expect(fingerprintOf(shares.slice(1))).not.toBe(keys.fingerprint);
    expect(keys.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });
});
