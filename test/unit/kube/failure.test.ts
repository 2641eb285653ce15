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

  it.each([
    [429, "Too many requests, please try again later.\n", "Too many requests, please try again later."],
    [502, "<html>Bad gateway</html>", "no reason"],
    [503, '{"message":"forbidden by proxy"}', "forbidden by proxy"],
    [503, '{"kind":"Status","message":"etcd is down"}', "etcd is down"],
    [500, undefined, "no reason"],
  ])("gives the reason of a %s that %j comes with as %j", (code, body, reason) => {
    expect(failureOf({ code, body })).toMatchObject({ status: code, reason, passing: true });
  });

  it.each(["<html>Sign in</html>", "", '{"detail":"not found"}'])("is another server for a 404 with %j", (body) => {
    expect(failureOf({ code: 404, body })).toMatchObject({ misconfigured: true, passing: false });
  });
});
