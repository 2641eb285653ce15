import { describe, expect, it } from "vitest";
import { failureOf } from "../../../src/kube/failure.ts";

describe("how a call failed", () => {
  it.each(["TimeoutError", "AbortError"])("is no answer for a %s, though that has a number of its own", (name) => {
    const failure = failureOf(new DOMException("ended", name));

    expect(failure).toMatchObject({ passing: true, lost: true });
    expect(failure).not.toHaveProperty("status");
  });

  it("is the server's answer for an HTTP status", () => {
    expect(failureOf({ code: 404, body: '{"kind":"Status","message":"not found"}' })).toMatchObject({
      status: 404,
      reason: "not found",
      passing: false,
    });
  });
});
