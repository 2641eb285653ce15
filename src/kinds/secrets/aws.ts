import { identityTokenFields, rotationFields } from "../model/rotation.ts";
import { group } from "../model/section.ts";
import { duration, int, jsonText, list, map, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

const root = single({
  kind: "AWS root config",
  path: "config/root",
  writeReplacesAll: true,
  spec: object("how Vault connects to AWS", {
    access_key: string("access key; unset: credentials of Vault's environment"),
    secret_key: string("secret key", { writeOnly: true }),
    region: string("AWS region"),
    iam_endpoint: string("URL of the IAM API"),
    sts_endpoint: string("URL of the STS API"),
    sts_region: string("region of the STS API"),
    sts_fallback_endpoints: list("fallback URLs of the STS API", { ordered: true }),
    sts_fallback_regions: list("regions of the fallback URLs", { ordered: true }),
    max_retries: int("maximum retries of a request; -1 is the SDK's default"),
    username_template: string("template of IAM usernames"),
    role_arn: string("role to assume with an identity token (Enterprise)"),
    ...identityTokenFields,
    ...rotationFields,
  }),
});

const lease = single({
  kind: "AWS lease config",
  path: "config/lease",
  spec: object("default leases", {
    lease: duration("default lease of credentials", { required: true }),
    lease_max: duration("maximum lease of credentials", { required: true }),
  }),
});

const userFields = ["user_path", "permissions_boundary_arn"];
const sessionFields = ["default_sts_ttl", "max_sts_ttl"];
const assumedRoleFields = ["role_arns", "session_tags", "external_id"];
const excludes = {
  credential_type: {
    iam_user: [...sessionFields, ...assumedRoleFields],
    assumed_role: userFields,
    federation_token: [...userFields, ...assumedRoleFields],
    session_token: [...userFields, ...assumedRoleFields, "policy_arns", "policy_document"],
  },
};

const role = {
  credential_type: string("type of credential", {
    required: true,
    values: ["iam_user", "assumed_role", "federation_token", "session_token"],
  }),
  role_arns: list("ARNs of roles that may be assumed"),
  policy_arns: list("ARNs of managed policies"),
  policy_document: jsonText("inline IAM policy, in YAML or as a JSON string"),
  iam_groups: list("IAM groups of the user"),
  iam_tags: map("tags of the IAM user"),
  session_tags: map("session tags"),
  default_sts_ttl: duration("default TTL of STS credentials"),
  max_sts_ttl: duration("maximum TTL of STS credentials"),
  external_id: string("external ID for assuming the role"),
  user_path: string("path of the IAM user"),
  permissions_boundary_arn: string("ARN of the IAM user's permissions boundary"),
  mfa_serial_number: string("serial number of the root user's MFA device"),
};

/** @see https://developer.hashicorp.com/vault/api-docs/secret/aws */
export const awsSecrets = engine("secrets", "aws", "AWS credentials", {
  config: group("configuration of the AWS engine", { root, lease }),
  roles: named("role", {
    kind: "AWS role",
    path: "roles",
    spec: object("the credentials that the role issues", role, { excludes }),
  }),
  static_roles: named("static role", {
    kind: "AWS static role",
    path: "static-roles",
    after: () => ["config/root"],
    spec: object("an existing IAM user whose access key Vault rotates", {
      username: string("IAM username", { required: true, createOnly: true }),
      rotation_period: duration("rotation period of the access key", { required: true }),
      assume_role_arn: string("ARN of a role to assume in another account (Enterprise)"),
      assume_role_session_name: string("name of that session (Enterprise)"),
      external_id: string("external ID for assuming the role (Enterprise)"),
    }),
  }),
});
