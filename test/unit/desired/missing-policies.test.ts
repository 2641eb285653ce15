import { expect, it } from "vitest";
import { describeMissing } from "../../../src/desired/missing-policies.ts";

const missing = { policy: "dve", by: "auth/k/role/r", at: { file: "a.yaml", line: 1, column: 1 } };

it("describeMissing says where a policy is missing, and suggests the nearest name", () => {
  expect(describeMissing(missing, ["dev"], false)).toBe(
    "a.yaml:1:1: auth/k/role/r names the policy dve, which is not declared here; did you mean dev?",
  );
  expect(describeMissing(missing, [], true)).toBe(
    "a.yaml:1:1: auth/k/role/r names the policy dve, which is not declared here, and Vault does not have it",
  );
});
