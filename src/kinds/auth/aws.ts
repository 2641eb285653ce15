import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const tidy = object("how old entries are removed", {
  safety_buffer: duration("how long after its end an entry is kept"),
  disable_periodic_tidy: bool("do not remove any"),
});

const role = {
  auth_type: string("how clients log in", { values: ["iam", "ec2"], createOnly: true }),
  role_id: string("the role's own id"),
  bound_account_id: list("accounts"),
  bound_ami_id: list("images"),
  bound_ec2_instance_id: list("instances"),
  bound_iam_instance_profile_arn: list("instance profiles"),
  bound_iam_principal_arn: list("IAM principals"),
  bound_iam_role_arn: list("IAM roles"),
  bound_region: list("regions"),
  bound_subnet_id: list("subnets"),
  bound_vpc_id: list("VPCs"),
  resolve_aws_unique_ids: bool("bind to unique ids, for which Vault asks AWS", { createOnly: true }),
  inferred_entity_type: string("take an IAM login for that of an instance", { values: ["", "ec2_instance"] }),
  inferred_aws_region: string("where such instances are looked up"),
  role_tag: string("the tag of an instance that narrows its rights"),
  allow_instance_migration: bool("an instance may have been moved"),
  disallow_reauthentication: bool("an instance logs in once only"),
  ...tokenFields,
};

/** @see https://developer.hashicorp.com/vault/api-docs/auth/aws */
export const awsAuth = engine("auth", "aws", "logins by AWS identities", {
  config: single({
    kind: "AWS auth config",
    path: "config/client",
    spec: object("how Vault asks AWS", {
      access_key: string("access key; unset: what its own instance has"),
      secret_key: string("the secret for it", { writeOnly: true }),
      role_arn: string("role to take by identity token"),
      identity_token_audience: string("audience of that token"),
      identity_token_ttl: duration("how long that token lives"),
      endpoint: string("address of EC2's API"),
      iam_endpoint: string("address of IAM's API"),
      sts_endpoint: string("address of STS's API"),
      sts_region: string("region of STS"),
      use_sts_region_from_client: bool("take the region from the client's request"),
      iam_server_id_header_value: string("what a login must have in X-Vault-AWS-IAM-Server-ID"),
      allowed_sts_header_values: list("headers that a login may have", { lower: true }),
      max_retries: int("how often to ask again; -1 is the default"),
      rotation_period: duration("rotate the key this often (Enterprise)"),
      rotation_schedule: string("or by this cron schedule (Enterprise)"),
      rotation_window: duration("how long after that it may be rotated (Enterprise)"),
      disable_automated_rotation: bool("do not rotate (Enterprise)"),
    }),
  }),
  identity: single({
    kind: "AWS auth identity config",
    path: "config/identity",
    spec: object("what names entities' aliases", {
      iam_alias: string("for IAM", { values: ["role_id", "unique_id", "canonical_arn", "full_arn"] }),
      iam_metadata: list("metadata to keep for IAM"),
      ec2_alias: string("for EC2", { values: ["role_id", "instance_id", "image_id"] }),
      ec2_metadata: list("metadata to keep for EC2"),
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
    spec: object("another account", {
      sts_role: string("the role that Vault takes there", { required: true }),
      external_id: string("the external id that it needs"),
    }),
  }),
  roles: named("role", {
    kind: "AWS auth role",
    path: "role",
    folds: true,
    spec: object("who may log in, and what they get", role, { aliases: tokenAliases }),
  }),
});
