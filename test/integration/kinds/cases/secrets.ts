import { type KindCase, unsupportedOn } from "../harness/fixture.ts";
import { pkiCase } from "./pki.ts";

const pem = "not: it must be a certificate or key";
const dependent = "not: the other fields depend on it";

const cloud: readonly KindCase[] = [
  {
    example: "aws-secrets",
    unsupported: unsupportedOn("bao", "sys/mounts/aws", "secrets mount of type aws"),
    alter: {
      "aws/config/root": { sts_fallback_endpoints: ["https://other.example.org"], sts_fallback_regions: ["eu-west-2"] },
      "aws/roles/deploy": {
        credential_type: dependent,
        policy_arns: ["arn:aws:iam::aws:policy/Other"],
        policy_document: { Version: "2012-10-17", Statement: [] },
        permissions_boundary_arn: "arn:aws:iam::123456789012:policy/other",
        user_path: "/other/",
      },
      "aws/roles/audit": { credential_type: dependent, role_arns: ["arn:aws:iam::123456789012:role/other"] },
      "aws/roles/session": { credential_type: dependent },
    },
  },
  {
    example: "azure-secrets",
    unsupported: unsupportedOn("bao", "sys/mounts/azure", "secrets mount of type azure"),
    alter: { "azure/config": { environment: "AzureUSGovernmentCloud" } },
  },
  { example: "gcp-secrets", unsupported: unsupportedOn("bao", "sys/mounts/gcp", "secrets mount of type gcp") },
];

const platforms: readonly KindCase[] = [
  {
    example: "kubernetes-secrets",
    alter: {
      "kubernetes/config": {
        kubernetes_ca_cert: pem,
        disable_local_ca_jwt: "not: Vault would read the files of a pod",
      },
      "kubernetes/roles/made": {
        allowed_kubernetes_namespace_selector: '{"matchLabels": {"team": "other"}}',
        generated_role_rules: 'rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]',
      },
    },
  },
  {
    example: "rabbitmq",
    alter: {
      "rabbitmq/roles/worker": {
        vhosts: { "/": { read: "other", write: "other" } },
        vhost_topics: { "/": { "amq.topic": { read: "other", write: "other" } } },
      },
    },
  },
  {
    example: "consul",
    unsupported: unsupportedOn("bao", "sys/mounts/consul", "secrets mount of type consul"),
  },
  {
    example: "nomad",
    unsupported: unsupportedOn("bao", "sys/mounts/nomad", "secrets mount of type nomad"),
    alter: { "nomad/role/deploy": { type: dependent } },
  },
];

export const cases: readonly KindCase[] = [
  {
    example: "kv",
    byHand: [
      {
        path: "app/web/config",
        alter: (vault) => vault.write("app/data/web/config", { data: { username: "else" }, options: { cas: 1 } }),
      },
      { path: "legacy/web", alter: (vault) => vault.delete("legacy/web") },
    ],
  },
  {
    example: "transit",
    alter: {
      "transit/keys/orders": {
        min_decryption_version: "not: there is only one version",
        min_encryption_version: "not: there is only one version",
      },
      "transit/keys/invoices": {
        exportable: "not: Vault cannot disable it",
        allow_plaintext_backup: "not: Vault cannot disable it",
      },
    },
  },
  {
    example: "database-unverified",
    alter: {
      "databases/config/later": {
        plugin_name: dependent,
        connection_url: "{{username}}:{{password}}@tcp(other:3306)/",
      },
    },
  },
  pkiCase,
  {
    example: "ssh",
    alter: {
      "ssh/roles/people": {
        key_type: dependent,
        allow_user_certificates: "not: a role must allow user or host certificates; altered below",
        allowed_user_key_lengths: { rsa: [2048] },
      },
      "ssh/roles/codes": { key_type: dependent, cidr_list: "10.2.0.0/16", exclude_cidr_list: "10.3.0.0/16" },
    },
    byHand: [
      {
        path: "ssh/roles/people",
        alter: (vault) => vault.write("ssh/roles/people", { key_type: "ca", allow_host_certificates: true }),
      },
    ],
  },
  { example: "totp" },
  // builtin plugins stand in for external ones, which would have to be built
  {
    example: "plugin-mounts",
    prepare: async () => ({
      "plugin_name: example-engine": "plugin_name: kv",
      "plugin_name: example-login": "plugin_name: userpass",
    }),
    alter: { "sys/auth/example": {}, "sys/mounts/example": {} },
  },
  ...cloud,
  ...platforms,
];
