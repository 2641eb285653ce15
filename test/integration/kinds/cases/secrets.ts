import { type KindCase, lacking } from "../harness/fixture.ts";
import { pkiCase } from "./pki.ts";

const pem = "not: it must be a certificate or key";
const another = "not: the other fields belong to it";

const cloud: readonly KindCase[] = [
  {
    example: "aws-secrets",
    lacks: lacking("bao", "sys/mounts/aws", "secrets mount of type aws"),
    alter: {
      "aws/config/root": { sts_fallback_endpoints: ["https://other.example.org"], sts_fallback_regions: ["eu-west-2"] },
      "aws/roles/deploy": {
        credential_type: another,
        policy_arns: ["arn:aws:iam::aws:policy/Other"],
        policy_document: { Version: "2012-10-17", Statement: [] },
        permissions_boundary_arn: "arn:aws:iam::123456789012:policy/other",
        user_path: "/other/",
      },
      "aws/roles/audit": { credential_type: another, role_arns: ["arn:aws:iam::123456789012:role/other"] },
      "aws/roles/session": { credential_type: another },
    },
  },
  {
    example: "azure-secrets",
    lacks: lacking("bao", "sys/mounts/azure", "secrets mount of type azure"),
    alter: { "azure/config": { environment: "AzureUSGovernmentCloud" } },
  },
  { example: "gcp-secrets", lacks: lacking("bao", "sys/mounts/gcp", "secrets mount of type gcp") },
];

const platforms: readonly KindCase[] = [
  {
    example: "kubernetes-secrets",
    alter: {
      "kubernetes/config": {
        kubernetes_ca_cert: pem,
        disable_local_ca_jwt: "not: Vault then reads the files of a pod",
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
    lacks: lacking("bao", "sys/mounts/consul", "secrets mount of type consul"),
  },
  {
    example: "nomad",
    lacks: lacking("bao", "sys/mounts/nomad", "secrets mount of type nomad"),
    alter: { "nomad/role/deploy": { type: another } },
  },
];

export const cases: readonly KindCase[] = [
  {
    example: "kv",
    byHand: [
      {
        path: "app/web/config",
        by: (vault) => vault.write("app/data/web/config", { data: { username: "else" }, options: { cas: 1 } }),
      },
      { path: "legacy/web", by: (vault) => vault.delete("legacy/web") },
    ],
  },
  {
    example: "transit",
    alter: {
      "transit/keys/orders": {
        min_decryption_version: "not: there is one version only",
        min_encryption_version: "not: there is one version only",
      },
      "transit/keys/invoices": {
        exportable: "not: Vault cannot switch it off",
        allow_plaintext_backup: "not: Vault cannot switch it off",
      },
    },
  },
  {
    example: "database-unverified",
    alter: {
      "databases/config/later": {
        plugin_name: another,
        connection_url: "{{username}}:{{password}}@tcp(other:3306)/",
      },
    },
  },
  pkiCase,
  {
    example: "ssh",
    alter: {
      "ssh/roles/people": {
        key_type: another,
        allow_user_certificates: "not: a role must allow some; altered below",
        allowed_user_key_lengths: { rsa: [2048] },
      },
      "ssh/roles/codes": { key_type: another, cidr_list: "10.2.0.0/16", exclude_cidr_list: "10.3.0.0/16" },
    },
    byHand: [
      {
        path: "ssh/roles/people",
        by: (vault) => vault.write("ssh/roles/people", { key_type: "ca", allow_host_certificates: true }),
      },
    ],
  },
  { example: "totp" },
  // a plugin of the server's own stands for one of its catalog, which would have to be built
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
