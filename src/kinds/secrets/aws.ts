import { identityTokenFields, rotationFields } from "../model/rotation.ts";
import { group } from "../model/section.ts";
import { duration, int, json, list, map, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

const root = single({
  kind: "AWS root config",
  path: "config/root",
  replaces: true,
  spec: object("how Vault logs in to AWS", {
    access_key: string("access key; unset: that of Vault's environment"),
    secret_key: string("secret key", { writeOnly: true }),
    region: string("region of API calls"),
    iam_endpoint: string("URL of IAM"),
    sts_endpoint: string("URL of STS"),
    sts_region: string("region of STS"),
    sts_fallback_endpoints: list("URLs of STS where the first does not answer", { ordered: true }),
    sts_fallback_regions: list("their regions", { ordered: true }),
    max_retries: int("how often a request is tried again; -1 is the SDK's default"),
    username_template: string("template of the names of IAM users"),
    role_arn: string("role to assume with Vault's own token (Enterprise)"),
    ...identityTokenFields,
    ...rotationFields,
  }),
});

const lease = single({
  kind: "AWS lease config",
  path: "config/lease",
  spec: object("how long credentials live", {
    lease: duration("lease of credentials", { required: true }),
    lease_max: duration("longest lease", { required: true }),
  }),
});

const ofUsers = ["user_path", "permissions_boundary_arn"];
const ofSessions = ["default_sts_ttl", "max_sts_ttl"];
const ofRoles = ["role_arns", "session_tags", "external_id"];
const excludes = {
  credential_type: {
    iam_user: [...ofSessions, ...ofRoles],
    assumed_role: ofUsers,
    federation_token: [...ofUsers, ...ofRoles],
    session_token: [...ofUsers, ...ofRoles, "policy_arns", "policy_document"],
  },
};

const role = {
  credential_type: string("what is given", {
    required: true,
    values: ["iam_user", "assumed_role", "federation_token", "session_token"],
  }),
  role_arns: list("roles that may be assumed"),
  policy_arns: list("policies by ARN"),
  policy_document: json("a policy, written out or as JSON", { asText: true }),
  iam_groups: list("IAM groups"),
  iam_tags: map("tags of IAM users"),
  session_tags: map("tags of sessions"),
  default_sts_ttl: duration("lease of STS credentials"),
  max_sts_ttl: duration("longest lease of STS credentials"),
  external_id: string("external id of assumed roles"),
  user_path: string("path of IAM users"),
  permissions_boundary_arn: string("policy that bounds IAM users"),
  mfa_serial_number: string("MFA device of the root user"),
};

/** @see https://developer.hashicorp.com/vault/api-docs/secret/aws */
export const awsSecrets = engine("secrets", "aws", "credentials of AWS", {
  config: group("how Vault uses AWS", { root, lease }),
  roles: named("role", {
    kind: "AWS role",
    path: "roles",
    spec: object("which credentials are given", role, { excludes }),
  }),
  static_roles: named("static role", {
    kind: "AWS static role",
    path: "static-roles",
    after: () => ["config/root"],
    spec: object("an IAM user whose keys Vault renews", {
      username: string("name of the IAM user", { required: true, createOnly: true }),
      rotation_period: duration("renew its keys this often", { required: true }),
      assume_role_arn: string("role to assume in another account (Enterprise)"),
      assume_role_session_name: string("name of the session (Enterprise)"),
      external_id: string("external id of the assumed role (Enterprise)"),
    }),
  }),
});
