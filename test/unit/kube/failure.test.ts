import { describe, expect, it } from "vitest";
import { errorOf, failureOf } from "../../../src/kube/failure.ts";

describe("failureOf", () => {
  it.each(["TimeoutError", "AbortError"])("reports no answer for a %s, although it has a numeric code", (name) => {
    const failure = failureOf(new DOMException("ended", name));

    expect(failure).toMatchObject({ transient: true, answerLost: true });
    expect(failure).not.toHaveProperty("status");
  });

  it("reports the server's answer for an HTTP status", () => {
    expect(failureOf({ code: 404, body: '{"kind":"Status","message":"not found"}' })).toMatchObject({
      status: 404,
      reason: "not found",
      transient: false,
    });
  });

  it.each([
    [429, "Too many requests, please try again later.\n", "Too many requests, please try again later."],
    [502, "<html>Bad gateway</html>", "no reason"],
    [503, '{"message":"forbidden by proxy"}', "forbidden by proxy"],
    [503, '{"kind":"Status","message":"etcd is down"}', "etcd is down"],
    [500, undefined, "no reason"],
  ])("for a %s with body %j reports the reason %j", (code, body, reason) => {
    expect(failureOf({ code, body })).toMatchObject({ status: code, reason, transient: true });
  });

  it.each(["<html>Sign in</html>", "", '{"detail":"not found"}'])(
    "reports a misconfiguration for a 404 with body %j",
    (body) => {
      expect(failureOf({ code: 404, body })).toMatchObject({ misconfigured: true, transient: false });
    },
  );

  it.each([
    ["404 page not found\n", true],
    ["<html>404 page not found</html>", false],
  ])("for a 404 with body %j reports whether only the path is unknown: %s", (body, unknownPath) => {
    expect(failureOf({ code: 404, body })).toMatchObject({ misconfigured: true, unknownPath });
  });
});

describe("errorOf", () => {
  const call = {
    verb: "delete",
    kind: "Secret",
    resource: "secrets",
    namespace: "keys",
    name: "vault-unseal-keys",
  } as const;
  const errorFor = (code: number, message: string) =>
    errorOf(call, failureOf({ code, body: JSON.stringify({ kind: "Status", message }) }), {
      server: "x",
      inCluster: true,
    });
  const denied = (policy: string) =>
    `secrets "vault-unseal-keys" is forbidden: ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: no`;

  it.each([
    [403, "protect-custody.keys"],
    [422, "protect-keys.keys"],
  ])("for a %s of the policy %s says who may delete the keys, and not to change the policy", (code, policy) => {
    const error = errorFor(code, denied(policy));

    expect(error.exitCode).toBe(5);
    expect(error.message).toContain(policy);
    expect(error.todo).toContain("recovery.acceptDataLoss");
    expect(error.todo).not.toContain("Change");
  });

  it("for a 403 of another policy says to change that rule", () => {
    expect(errorFor(403, denied("protect-pods.example")).todo).toContain("Change the quota or the admission rule");
  });
});
