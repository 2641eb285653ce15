import { identityTokenFields, rotationFields } from "../model/rotation.ts";
import { bool, duration, json, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/secret/azure */
export const azureSecrets = engine("secrets", "azure", "service principals of Azure", {
  config: single({
    kind: "Azure config",
    path: "config",
    spec: object("how Vault logs in to Azure", {
      subscription_id: string("id of the subscription", { required: true }),
      tenant_id: string("id of the tenant", { required: true }),
      client_id: string("id of Vault's client"),
      client_secret: string("secret of Vault's client", { writeOnly: true }),
      environment: string("AzurePublicCloud and the like"),
      root_password_ttl: duration("how long the client's secret lives after a renewal"),
      ...identityTokenFields,
      ...rotationFields,
    }),
  }),
  roles: named("role", {
    kind: "Azure role",
    path: "roles",
    folds: true,
    // asked of a mount whose config was deleted
    absent: /config is nil/,
    after: () => ["config"],
    spec: object("which service principal is given", {
      // Vault looks them up, and tells more than it was given
      azure_roles: json("a list of roles, written out or as JSON", { asText: true, partial: true }),
      azure_groups: json("a list of groups, written out or as JSON", { asText: true, partial: true }),
      application_object_id: string("an existing application"),
      persist_app: bool("keep the application between credentials"),
      permanently_delete: bool("delete applications for good"),
      sign_in_audience: string("who may sign in"),
      tags: list("tags of the application"),
      ttl: duration("lease of credentials"),
      max_ttl: duration("longest lease"),
      explicit_max_ttl: duration("how long a service principal lives at most"),
    }),
  }),
});
