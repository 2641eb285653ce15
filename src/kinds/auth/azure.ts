import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const nanoseconds = 1_000_000_000;

/** @see https://developer.hashicorp.com/vault/api-docs/auth/azure */
export const azureAuth = engine("auth", "azure", "login with Azure identities", {
  config: single({
    kind: "Azure auth config",
    path: "config",
    writeReplacesAll: true,
    // delays are written in seconds and read in nanoseconds
    readAs: ({ retry_delay, max_retry_delay, ...others }) => ({
      ...others,
      retry_delay: Number(retry_delay) / nanoseconds,
      max_retry_delay: Number(max_retry_delay) / nanoseconds,
    }),
    spec: object("how Vault connects to Azure", {
      tenant_id: string("tenant ID", { required: true }),
      resource: string("resource URL; the audience of clients' tokens", { required: true }),
      environment: string("Azure cloud, such as AzurePublicCloud"),
      client_id: string("client ID of Vault's application"),
      client_secret: string("client secret", { writeOnly: true }),
      identity_token_audience: string("audience of the identity token"),
      identity_token_ttl: duration("TTL of the identity token"),
      root_password_ttl: duration("lifetime of a rotated client secret"),
      max_retries: int("maximum retries of a request"),
      retry_delay: duration("initial delay before a retry"),
      max_retry_delay: duration("maximum delay before a retry"),
      rotation_period: duration("rotation period of the client secret (Enterprise)"),
      rotation_schedule: string("cron schedule of the rotation (Enterprise)"),
      rotation_window: duration("how long after its schedule a rotation may start (Enterprise)"),
      disable_automated_rotation: bool("disable automated rotation (Enterprise)"),
    }),
  }),
  roles: named("role", {
    kind: "Azure auth role",
    path: "role",
    caseInsensitive: true,
    spec: object(
      "who may log in, and the token they get",
      {
        bound_service_principal_ids: list("service principal IDs"),
        bound_group_ids: list("group IDs"),
        bound_locations: list("locations"),
        bound_subscription_ids: list("subscription IDs"),
        bound_resource_groups: list("resource groups"),
        bound_scale_sets: list("scale sets"),
        ...tokenFields,
      },
      { aliases: tokenAliases },
    ),
  }),
});
