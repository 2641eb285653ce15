import { identityTokenFields, rotationFields } from "../model/rotation.ts";
import { bool, duration, jsonText, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/secret/azure */
export const azureSecrets = engine("secrets", "azure", "Azure service principals", {
  config: single({
    kind: "Azure config",
    path: "config",
    spec: object("how Vault connects to Azure", {
      subscription_id: string("subscription ID", { required: true }),
      tenant_id: string("tenant ID", { required: true }),
      client_id: string("client ID of Vault's application"),
      client_secret: string("client secret", { writeOnly: true }),
      environment: string("Azure cloud, such as AzurePublicCloud"),
      root_password_ttl: duration("lifetime of a rotated client secret"),
      ...identityTokenFields,
      ...rotationFields,
    }),
  }),
  roles: named("role", {
    kind: "Azure role",
    path: "roles",
    caseInsensitive: true,
    // Vault's error for a mount whose config was deleted
    absent: /config is nil/,
    after: () => ["config"],
    spec: object("the service principals that the role issues", {
      // Vault looks these up in Azure and returns further keys
      azure_roles: jsonText("list of Azure roles, in YAML or as a JSON string", { partial: true }),
      azure_groups: jsonText("list of Azure groups, in YAML or as a JSON string", { partial: true }),
      application_object_id: string("object ID of an existing application"),
      persist_app: bool("keep the application between credentials"),
      permanently_delete: bool("delete applications permanently"),
      sign_in_audience: string("sign-in audience of the application"),
      tags: list("tags of the application"),
      ttl: duration("default lease"),
      max_ttl: duration("maximum lease"),
      explicit_max_ttl: duration("maximum lifetime of a service principal"),
    }),
  }),
});
