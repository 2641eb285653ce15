import { describe, expect, test } from "vitest";
import { findLeaks } from "../e2e/support/leaks.ts";

const needle = { name: "a key", value: "c2VjcmV0LXNoYXJlLW9mLXRoZS1rZXk=" };

function search(text: string): string[] {
  return findLeaks([{ where: "a log", text }], [needle]);
}

describe("the search for secrets", () => {
  test("finds a value as it is", () => {
    expect(search(`level=info key=${needle.value}`)).toEqual(["a key, as it is, in a log"]);
  });

  test.each(["", "a", "ab", "abc", '{"k":"', "some words before it: "])("finds its base64 after %j", (before) => {
    const encoded = Buffer.from(`${before}${needle.value}, and more`).toString("base64");

    expect(search(encoded)).toEqual(["a key, in base64, in a log"]);
  });

  test("finds a key in hexadecimal, since Vault gives it in both", () => {
    expect(search(Buffer.from(needle.value, "base64").toString("hex"))).toEqual(["a key, in hexadecimal, in a log"]);
  });

  test("finds tokens that it was not told of, by their shape", () => {
    const jwt = ["eyJ", "hbGciOiJSUzI1NiJ9.", "eyJ", "pc3MiOiJrdWJlIn0.", "c2lnbmF0dXJlIQ"].join("");

    expect(search(`token hvs.${"A1b2".repeat(6)}`)).toEqual(["a token of Vault in a log"]);
    expect(search(`token ${jwt}`)).toEqual(["a JSON Web Token in a log"]);
  });

  test("finds nothing where there is nothing", () => {
    expect(search(`hvs. eyJ c2VjcmV0 ${Buffer.from("another text").toString("base64")}`)).toEqual([]);
  });
});
