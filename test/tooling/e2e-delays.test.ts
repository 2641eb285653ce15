import { expect, test } from "vitest";
import { explainDelays } from "../e2e/support/delays.ts";
import type { Seen } from "../e2e/support/recorder.ts";

const milestones = [
  { what: "Vault's pods run", moment: { at: 30_000, revision: 3 } },
  { what: "vault-init starts", moment: { at: 31_000, revision: 4 } },
];

test("the e2e reports Argo CD's messages and Warnings during a long delay, without repeats", () => {
  const refused = application(1000, "cannot reach the repository");
  const seen = [refused, { ...refused, at: 2000 }, warning(3000), application(30_500, "after it")];

  expect(explainDelays({ seen }, 0, milestones).split("\n")).toEqual([
    "While waiting for: Vault's pods run",
    "     1.0 s  Application vault: Unknown, ?; ComparisonError: cannot reach the repository",
    "     3.0 s  Pod vault/vault-0: FailedMount: no such volume",
  ]);
});

test("the e2e reports nothing for an installation without a long delay", () => {
  expect(explainDelays({ seen: [warning(25_000)] }, 20_000, milestones)).toBe("");
});

function application(at: number, message: string): Seen {
  const status = { sync: { status: "Unknown" }, conditions: [{ type: "ComparisonError", message }] };
  return seenObject("Application", at, { metadata: { name: "vault", namespace: "argocd" }, status });
}

function warning(at: number): Seen {
  const involvedObject = { kind: "Pod", namespace: "vault", name: "vault-0" };
  const metadata = { name: "vault-0.1", namespace: "vault" };
  return seenObject("Event", at, {
    metadata,
    type: "Warning",
    reason: "FailedMount",
    message: "no such volume",
    involvedObject,
  });
}

function seenObject(kind: string, at: number, object: object): Seen {
  return { kind, type: "ADDED", revision: at, at, object: object as Seen["object"] };
}
