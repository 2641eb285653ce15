import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const nanoseconds = 1_000_000_000;

/** @see https://developer.hashicorp.com/vault/api-docs/auth/azure */
export const azureAuth = engine("auth", "azure", "logins by Azure identities", {
  config: single({
    kind: "Azure auth config",
    path: "config",
    replaces: true,
    // delays are taken in seconds and told in nanoseconds
    readAs: ({ retry_delay, max_retry_delay, ...others }) => ({
      ...others,
      retry_delay: Number(retry_delay) / nanoseconds,
      max_retry_delay: Number(max_retry_delay) / nanoseconds,
    }),
    spec: object("how Vault asks Azure", {
      tenant_id: string("the tenant", { required: true }),
      resource: string("the resource that a login's token is for", { required: true }),
      environment: string("the cloud, such as AzurePublicCloud"),
      client_id: string("the application to ask as"),
      client_secret: string("its secret", { writeOnly: true }),
      identity_token_audience: string("audience of the identity token to ask by"),
      identity_token_ttl: duration("how long that token lives"),
      root_password_ttl: duration("how long a rotated secret lives"),
      max_retries: int("how often to ask again"),
      retry_delay: duration("how long to wait before that"),
      max_retry_delay: duration("how long to wait at most"),
      rotation_period: duration("rotate the secret this often (Enterprise)"),
      rotation_schedule: string("or by this cron schedule (Enterprise)"),
      rotation_window: duration("how long after that it may be rotated (Enterprise)"),
      disable_automated_rotation: bool("do not rotate (Enterprise)"),
    }),
  }),
  roles: named("role", {
    kind: "Azure auth role",
    path: "role",
    folds: true,
    spec: object(
      "who may log in, and what they get",
      {
        bound_service_principal_ids: list("service principals"),
        bound_group_ids: list("groups"),
        bound_locations: list("locations"),
        bound_subscription_ids: list("subscriptions"),
        bound_resource_groups: list("resource groups"),
        bound_scale_sets: list("scale sets"),
        ...tokenFields,
      },
      { aliases: tokenAliases },
    ),
  }),
});
