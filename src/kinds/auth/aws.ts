import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const tidy = object("periodic tidy of expired entries", {
  safety_buffer: duration("how long to keep an entry after it expires"),
  disable_periodic_tidy: bool("disable periodic tidy"),
});

const role = {
  auth_type: string("login type", { values: ["iam", "ec2"], createOnly: true }),
  role_id: string("unique ID of the role"),
  bound_account_id: list("AWS account IDs"),
  bound_ami_id: list("AMI IDs"),
  bound_ec2_instance_id: list("EC2 instance IDs"),
  bound_iam_instance_profile_arn: list("ARNs of IAM instance profiles"),
  bound_iam_principal_arn: list("ARNs of IAM principals"),
  bound_iam_role_arn: list("ARNs of IAM roles"),
  bound_region: list("AWS regions"),
  bound_subnet_id: list("subnet IDs"),
  bound_vpc_id: list("VPC IDs"),
  resolve_aws_unique_ids: bool("resolve bound principals to unique IDs, with a request to AWS", { createOnly: true }),
  inferred_entity_type: string("infer the EC2 instance from an IAM login", { values: ["", "ec2_instance"] }),
  inferred_aws_region: string("region of inferred instances"),
  role_tag: string("key of the EC2 tag that holds a role tag"),
  allow_instance_migration: bool("allow an instance that was migrated to log in"),
  disallow_reauthentication: bool("allow one login per instance"),
  ...tokenFields,
};

/** @see https://developer.hashicorp.com/vault/api-docs/auth/aws */
export const awsAuth = engine("auth", "aws", "login with AWS IAM or EC2 identities", {
  config: single({
    kind: "AWS auth config",
    path: "config/client",
    spec: object("how Vault connects to AWS", {
      access_key: string("access key; unset: credentials of Vault's environment"),
      secret_key: string("secret key", { writeOnly: true }),
      role_arn: string("role to assume with an identity token"),
      identity_token_audience: string("audience of the identity token"),
      identity_token_ttl: duration("TTL of the identity token"),
      endpoint: string("URL of the EC2 API"),
      iam_endpoint: string("URL of the IAM API"),
      sts_endpoint: string("URL of the STS API"),
      sts_region: string("region of the STS API"),
      use_sts_region_from_client: bool("use the STS region of the client's request"),
      iam_server_id_header_value: string("required value of the header X-Vault-AWS-IAM-Server-ID"),
      allowed_sts_header_values: list("extra headers allowed in a login", { lower: true }),
      max_retries: int("maximum retries of a request; -1 is the default"),
      rotation_period: duration("rotation period of the root credential (Enterprise)"),
      rotation_schedule: string("cron schedule of the rotation (Enterprise)"),
      rotation_window: duration("how long after its schedule a rotation may start (Enterprise)"),
      disable_automated_rotation: bool("disable automated rotation (Enterprise)"),
    }),
  }),
  identity: single({
    kind: "AWS auth identity config",
    path: "config/identity",
    spec: object("names and metadata of entity aliases", {
      iam_alias: string("alias name of IAM logins", { values: ["role_id", "unique_id", "canonical_arn", "full_arn"] }),
      iam_metadata: list("alias metadata of IAM logins"),
      ec2_alias: string("alias name of EC2 logins", { values: ["role_id", "instance_id", "image_id"] }),
      ec2_metadata: list("alias metadata of EC2 logins"),
    }),
  }),
  tidy_identity_accesslist: single({
    kind: "AWS auth access list tidying",
    path: "config/tidy/identity-accesslist",
    spec: tidy,
  }),
  tidy_roletag_denylist: single({
    kind: "AWS auth deny list tidying",
    path: "config/tidy/roletag-denylist",
    spec: tidy,
  }),
  sts: named("account", {
    kind: "AWS auth account",
    path: "config/sts",
    spec: object("access to another AWS account", {
      sts_role: string("ARN of the role that Vault assumes there", { required: true }),
      external_id: string("external ID for assuming the role"),
    }),
  }),
  roles: named("role", {
    kind: "AWS auth role",
    path: "role",
    caseInsensitive: true,
    spec: object("who may log in, and the token they get", role, { aliases: tokenAliases }),
  }),
});
