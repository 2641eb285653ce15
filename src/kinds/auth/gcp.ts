import { bool, duration, json, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const role = {
  type: string("login type", { values: ["iam", "gce"], required: true, createOnly: true }),
  role_id: string("unique ID of the role"),
  bound_service_accounts: list("service accounts"),
  bound_projects: list("projects"),
  add_group_aliases: bool("add the project and its folders as group aliases"),
  max_jwt_exp: duration("maximum lifetime of the JWT (iam)"),
  allow_gce_inference: bool("accept logins of instances (iam)"),
  bound_zones: list("zones (gce)"),
  bound_regions: list("regions (gce)"),
  bound_instance_groups: list("instance groups (gce)"),
  bound_labels: list("labels, each as key:value (gce)"),
  ...tokenFields,
};

/** @see https://developer.hashicorp.com/vault/api-docs/auth/gcp */
export const gcpAuth = engine("auth", "gcp", "login with Google Cloud identities", {
  config: single({
    kind: "GCP auth config",
    path: "config",
    spec: object("how Vault connects to Google Cloud", {
      credentials: string("JSON key of a service account; unset: credentials of Vault's environment", {
        writeOnly: true,
        returnedKey: "private_key_id",
      }),
      service_account_email: string("service account to impersonate with an identity token"),
      identity_token_audience: string("audience of the identity token"),
      identity_token_ttl: duration("TTL of the identity token"),
      iam_alias: string("alias name of iam logins", { values: ["role_id", "unique_id"] }),
      iam_metadata: list("alias metadata of iam logins"),
      gce_alias: string("alias name of gce logins", { values: ["role_id", "instance_id"] }),
      gce_metadata: list("alias metadata of gce logins"),
      custom_endpoint: json("URLs of Google Cloud APIs", { partial: true }),
      rotation_period: duration("rotation period of the key (Enterprise)"),
      rotation_schedule: string("cron schedule of the rotation (Enterprise)"),
      rotation_window: duration("how long after its schedule a rotation may start (Enterprise)"),
      disable_automated_rotation: bool("disable automated rotation (Enterprise)"),
    }),
  }),
  roles: named("role", {
    kind: "GCP auth role",
    path: "role",
    caseInsensitive: true,
    // labels are written as a list and read as a map
    readAs: ({ bound_labels, ...others }) => ({ ...others, bound_labels: pairs(bound_labels) }),
    spec: object("who may log in, and the token they get", role, { aliases: tokenAliases }),
  }),
});

function pairs(labels: unknown): unknown {
  if (typeof labels !== "object" || labels === null || Array.isArray(labels)) return labels;
  return Object.entries(labels).map(([key, value]) => `${key}:${value}`);
}
