import { describe, expect, test } from "vitest";
import { findLeaks } from "../e2e/support/leaks.ts";

const needle = { name: "a key", value: "c2VjcmV0LXNoYXJlLW9mLXRoZS1rZXk=" };

function search(text: string): string[] {
  return findLeaks([{ where: "a log", text }], [needle]);
}

describe("the search for secrets", () => {
  test("finds a value in plain text", () => {
    expect(search(`level=info key=${needle.value}`)).toEqual(["a key, as it is, in a log"]);
  });

  test.each(["", "a", "ab", "abc", '{"k":"', "some words before it: "])(
    "finds the base64 of a text with the value after %j",
    (prefix) => {
      const encoded = Buffer.from(`${prefix}${needle.value}, and more`).toString("base64");

      expect(search(encoded)).toEqual(["a key, in base64, in a log"]);
    },
  );

  test("finds the hexadecimal form of a base64 key, since Vault returns both", () => {
    expect(search(Buffer.from(needle.value, "base64").toString("hex"))).toEqual(["a key, in hexadecimal, in a log"]);
  });

  test("finds unknown tokens by their format", () => {
    const jwt = ["eyJ", "hbGciOiJSUzI1NiJ9.", "eyJ", "pc3MiOiJrdWJlIn0.", "c2lnbmF0dXJlIQ"].join("");

    expect(search(`token hvs.${"A1b2".repeat(6)}`)).toEqual(["a token of Vault in a log"]);
    expect(search(`token ${jwt}`)).toEqual(["a JSON Web Token in a log"]);
  });

  test("finds nothing in a text without secrets", () => {
    expect(search(`hvs. eyJ c2VjcmV0 ${Buffer.from("another text").toString("base64")}`)).toEqual([]);
  });
});
