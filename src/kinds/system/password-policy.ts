import { named } from "../model/section.ts";
import { object, policyText } from "../model/spec.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/system/policies-password */
export const passwordPolicies = named("password policy", {
  kind: "password policy",
  path: "sys/policies/password",
  spec: object("how passwords are generated", {
    policy: policyText("the policy, in HCL", { required: true, isHcl: true }),
  }),
});
