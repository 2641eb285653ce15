import type { Vault } from "../../../../src/vault/client.ts";
import { type KindCase, leftOpenBao, unsupportedOn } from "../harness/fixture.ts";

const pem = "not: it must be a certificate or key";
/** Altered token fields that Vault accepts with the example's other fields. */
const tokens = { token_max_ttl: "3h", token_type: "default" };

export const cases: readonly KindCase[] = [
  {
    example: "kubernetes-auth",
    unsupportedFields: { bao: { "auth/kubernetes/config": ["use_annotations_as_alias_metadata"] } },
    alter: {
      "auth/kubernetes/config": {
        kubernetes_ca_cert: pem,
        pem_keys: [],
        disable_local_ca_jwt: "not: Vault would read the files of a pod",
      },
      "auth/kubernetes/role/app": { token_type: "default", token_max_ttl: "25h" },
    },
  },
  {
    example: "approle",
    alter: { "auth/approle/role/ci": tokens },
    byHand: [
      { path: "logins/approle/ci/secret_id", alter: async (vault) => await vault.delete("logins/data/approle/ci") },
      {
        path: "logins/approle/ci/secret_id",
        alter: async (vault) =>
          await vault.write("auth/approle/role/ci/secret-id/destroy", { secret_id: await storedSecretId(vault) }),
      },
    ],
  },
  {
    example: "jwt",
    requiredFields: { "auth/ci-jwt/role/job": ["role_type"] },
    alter: {
      "auth/ci-jwt/config": { jwt_validation_pubkeys: pem, jwt_supported_algs: ["ES256", "RS256"] },
      "auth/ci-jwt/role/job": { ...tokens, role_type: "not: an oidc role needs other fields" },
    },
  },
  {
    example: "oidc",
    // Vault calls the provider when the config is written; the server is its own provider
    prepare: async (_, { origin }) => ({
      "https://login.example.org/realms/acme": `${origin}/v1/identity/oidc/provider/default`,
    }),
    alter: {
      "auth/oidc/config": {
        oidc_discovery_url: "not: the provider must exist",
        oidc_response_types: "not: Vault accepts only code",
        jwt_supported_algs: ["ES256"],
      },
      "auth/oidc/role/person": { ...tokens, role_type: "not: a jwt role needs other fields" },
    },
  },
  { example: "userpass", alter: { "auth/userpass/users/alice": tokens } },
  {
    example: "ldap",
    unsupported: leftOpenBao("sys/auth/ldap", "auth mount of type ldap"),
    alter: {
      "auth/ldap/config": {
        ...tokens,
        certificate: pem,
        tls_min_version: "tls13",
        tls_max_version: "tls12",
        case_sensitive_names: "not: a change is refused",
      },
    },
  },
  {
    example: "cert",
    unsupportedFields: {
      bao: { "auth/cert/config": ["role_cache_size"], "auth/cert/certs/machines": ["allowed_organizations"] },
    },
    alter: { "auth/cert/certs/machines": { ...tokens, certificate: pem } },
  },
  {
    example: "token",
    preexisting: ["sys/auth/token"],
    alter: { "auth/token/roles/batch": { token_type: "default-batch" } },
  },
  {
    example: "github",
    unsupported: unsupportedOn("bao", "sys/auth/github", "auth mount of type github"),
    alter: { "auth/github/config": tokens },
  },
  {
    example: "aws-auth",
    unsupported: unsupportedOn("bao", "sys/auth/aws", "auth mount of type aws"),
    alter: {
      "auth/aws/config/identity": { iam_metadata: ["auth_type"], ec2_metadata: ["auth_type"] },
      "auth/aws/role/app": { ...tokens, inferred_entity_type: "not: the region needs it" },
    },
  },
  {
    example: "gcp-auth",
    unsupported: unsupportedOn("bao", "sys/auth/gcp", "auth mount of type gcp"),
    alter: {
      "auth/gcp/config": {
        iam_metadata: ["role"],
        gce_metadata: ["zone"],
        custom_endpoint: { api: "https://other.googleapis.com" },
      },
      "auth/gcp/role/app": tokens,
      "auth/gcp/role/instances": { bound_labels: ["app:other"] },
    },
  },
  {
    example: "azure-auth",
    unsupported: unsupportedOn("bao", "sys/auth/azure", "auth mount of type azure"),
    alter: { "auth/azure/config": { environment: "AzureUSGovernmentCloud" }, "auth/azure/role/app": tokens },
  },
];

async function storedSecretId(vault: Vault): Promise<string> {
  const { data } = (await vault.read("logins/data/approle/ci")) ?? {};
  return (data as { data: { secret_id: string } }).data.secret_id;
}
