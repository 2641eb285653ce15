import type { Vault } from "../../../../src/vault/client.ts";
import type { KindCase } from "../harness/fixture.ts";

const url = ["https://other.example.org"];

const config: NonNullable<KindCase["alter"]> = {
  "pki-root/config/urls": { issuing_certificates: url, crl_distribution_points: url },
  "pki/config/urls": {
    issuing_certificates: url,
    crl_distribution_points: url,
    ocsp_servers: url,
    enable_templating: "not: the URLs are templates; altered below",
  },
  "pki/config/crl": { auto_rebuild: "not: delta CRLs need it; altered below" },
  "pki/config/auto-tidy": {
    pause_duration: "20ms",
    maintain_stored_certificate_counts: "not: publishing needs it; altered below",
  },
  "pki/config/acme": {
    default_directory_policy: "forbid",
    allowed_roles: ["*"],
    allowed_issuers: ["*"],
    dns_resolver: "10.0.0.11:53",
  },
  "pki/config/issuers": { default: "not: it must be an existing issuer; altered below" },
};

const objects: NonNullable<KindCase["alter"]> = {
  "pki/issuer/services-1": {
    usage: ["read-only", "issuing-certificates"],
    revocation_signature_algorithm: "ECDSAWithSHA384",
    issuing_certificates: url,
    crl_distribution_points: url,
    ocsp_servers: url,
  },
  "pki/roles/web": {
    issuer_ref: "default",
    allowed_other_sans: ["1.3.6.1.4.1.311.20.2.3;utf8:*@example.com"],
    cn_validations: ["email"],
    key_usage: ["DigitalSignature"],
    ext_key_usage: ["ClientAuth"],
    ext_key_usage_oids: ["1.3.6.1.5.5.7.3.2"],
    policy_identifiers: ["1.3.6.1.4.1.32473.2"],
    key_type: "not: the size goes with the type; altered below",
    key_bits: 384,
    signature_bits: 384,
  },
  "pki-root/root": { issuer_name: "not: another name means another CA; refused below" },
  "pki/intermediate": { issuer_name: "not: another name means another CA; refused below" },
};

/** Makes the root, which was imported with the chain, the default issuer. */
async function defaultToRoot(vault: Vault): Promise<void> {
  const ours = (await vault.read("pki/issuer/services-1"))?.["data"] as { issuer_id: string };
  const others = (await vault.list("pki/issuers")).filter((id) => id !== ours.issuer_id);
  await vault.write("pki/config/issuers", { default: others[0] });
}

export const pkiCase: KindCase = {
  example: "pki",
  alter: { ...config, ...objects },
  byHand: [
    {
      path: "pki/config/crl",
      alter: (vault) => vault.write("pki/config/crl", { auto_rebuild: false, enable_delta: false }),
    },
    {
      path: "pki/config/auto-tidy",
      alter: (vault) =>
        vault.write("pki/config/auto-tidy", {
          enabled: true,
          maintain_stored_certificate_counts: false,
          publish_stored_certificate_count_metrics: false,
        }),
    },
    {
      path: "pki/config/urls",
      alter: (vault) =>
        vault.write("pki/config/urls", {
          issuing_certificates: url,
          crl_distribution_points: url,
          ocsp_servers: url,
          enable_templating: false,
        }),
    },
    { path: "pki/config/issuers", alter: defaultToRoot },
    { path: "pki/roles/web", alter: (vault) => vault.write("pki/roles/web", { key_type: "rsa", key_bits: 2048 }) },
  ],
};
