import { named } from "../model/section.ts";
import { object, string } from "../model/spec.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/system/policies-password */
export const passwordPolicies = named("password policy", {
  kind: "password policy",
  path: "sys/policies/password",
  spec: object("how passwords are made", {
    policy: string("its text, in HCL", { required: true, syntax: "policy" }),
  }),
});
