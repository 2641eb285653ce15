import { bool, duration, json, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const role = {
  type: string("how clients log in", { values: ["iam", "gce"], required: true, createOnly: true }),
  role_id: string("the role's own id"),
  bound_service_accounts: list("service accounts"),
  bound_projects: list("projects"),
  add_group_aliases: bool("projects and folders become group aliases"),
  max_jwt_exp: duration("how long a login's token may live (iam)"),
  allow_gce_inference: bool("take an instance's login too (iam)"),
  bound_zones: list("zones (gce)"),
  bound_regions: list("regions (gce)"),
  bound_instance_groups: list("instance groups (gce)"),
  bound_labels: list("labels, each as key:value (gce)"),
  ...tokenFields,
};

/** @see https://developer.hashicorp.com/vault/api-docs/auth/gcp */
export const gcpAuth = engine("auth", "gcp", "logins by Google Cloud identities", {
  config: single({
    kind: "GCP auth config",
    path: "config",
    spec: object("how Vault asks Google", {
      credentials: string("a service account's key as JSON; unset: what its own instance has", { writeOnly: true }),
      service_account_email: string("the service account to take by identity token"),
      identity_token_audience: string("audience of that token"),
      identity_token_ttl: duration("how long that token lives"),
      iam_alias: string("what names entities' aliases for iam", { values: ["role_id", "unique_id"] }),
      iam_metadata: list("metadata to keep for iam"),
      gce_alias: string("what names entities' aliases for gce", { values: ["role_id", "instance_id"] }),
      gce_metadata: list("metadata to keep for gce"),
      custom_endpoint: json("addresses of Google's APIs", { partial: true }),
      rotation_period: duration("rotate the key this often (Enterprise)"),
      rotation_schedule: string("or by this cron schedule (Enterprise)"),
      rotation_window: duration("how long after that it may be rotated (Enterprise)"),
      disable_automated_rotation: bool("do not rotate (Enterprise)"),
    }),
  }),
  roles: named("role", {
    kind: "GCP auth role",
    path: "role",
    folds: true,
    // labels are taken as a list and told as a map
    readAs: ({ bound_labels, ...others }) => ({ ...others, bound_labels: pairs(bound_labels) }),
    spec: object("who may log in, and what they get", role, { aliases: tokenAliases }),
  }),
});

function pairs(labels: unknown): unknown {
  if (typeof labels !== "object" || labels === null || Array.isArray(labels)) return labels;
  return Object.entries(labels).map(([key, value]) => `${key}:${value}`);
}
