import { expect, it } from "vitest";
import { describeMissing } from "../../../src/config/policies.ts";

const missing = { policy: "dve", by: "auth/k/role/r", at: { file: "a.yaml", line: 1, column: 1 } };

it("a policy that is not declared is told as that, with the one that was perhaps meant", () => {
  expect(describeMissing(missing, ["dev"], false)).toBe(
    "auth/k/role/r names the policy dve, which is not declared here; did you mean dev?",
  );
  expect(describeMissing(missing, [], true)).toBe(
    "auth/k/role/r names the policy dve, which is not declared here, and Vault does not have it",
  );
});
