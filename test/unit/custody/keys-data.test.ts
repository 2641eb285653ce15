import { describe, expect, it } from "vitest";
import { fingerprintOf } from "../../../src/custody/fingerprint.ts";
import { fromData, toData } from "../../../src/custody/keys-data.ts";
import { RefusedError } from "../../../src/errors.ts";

const shares = ["c2hhcmUtYQ==", "c2hhcmUtYg==", "c2hhcmUtYw=="];
const keys = { shares, threshold: 2, fingerprint: fingerprintOf(shares), created: "2026-01-01T00:00:00.000Z" };
const where = "Secret vault-custody/vault-unseal-keys";

it("reads what it wrote", () => {
  expect(fromData(where, toData(keys))).toEqual(keys);
});

it.each([
  ["by hand, without fingerprint and date", {}],
  ["with an empty fingerprint", { fingerprint: "" }],
])("reads keys that were written %s, and reckons the fingerprint", (_, more) => {
  const { fingerprint: _fingerprint, created: _created, ...byHand } = toData(keys);

  expect(fromData(where, { ...byHand, ...more })).toEqual({ ...keys, created: "" });
});

it("gives the same fingerprint for any order of shares, and another for other shares", () => {
  expect(fingerprintOf([...shares].reverse())).toBe(keys.fingerprint);
  expect(fingerprintOf(shares.slice(1))).not.toBe(keys.fingerprint);
  expect(keys.fingerprint).toMatch(/^[0-9a-f]{16}$/);
});

describe("keys that are not whole", () => {
  const { "share-1": _, ...lacking } = toData(keys);

  it.each([
    ["a share is missing", lacking, "lacks share-1 of its 3 shares"],
    ["a share is empty", { ...toData(keys), "share-2": "" }, "lacks share-2"],
    ["a share was changed", { ...toData(keys), "share-0": "b3RoZXI=" }, "do not fit its own fingerprint"],
    ["the threshold is missing", { ...toData(keys), threshold: "" }, 'under "threshold"'],
    ["the threshold is no number", { ...toData(keys), threshold: "2e0" }, 'under "threshold"'],
    ["the threshold is beyond the shares", { ...toData(keys), threshold: "4" }, "a threshold of 4"],
    [
      "a share is there twice",
      toData({
        ...keys,
        shares: ["a2V5LW9uZQ==", "a2V5LW9uZQ=="],
        fingerprint: fingerprintOf(["a2V5LW9uZQ==", "a2V5LW9uZQ=="]),
      }),
      "the same share twice",
    ],
    ["it is empty", {}, 'under "shares"'],
  ])("are refused without telling a value: %s", (_name, data, part) => {
    const read = () => fromData(where, data);

    expect(read).toThrow(RefusedError);
    expect(read).toThrow(part);
    for (const share of shares) expect(read).not.toThrow(share);
  });
});
