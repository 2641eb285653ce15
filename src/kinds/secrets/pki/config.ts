import { vaultPath } from "../../../vault/path.ts";
import { type Endpoint, endpointKind } from "../../model/endpoint.ts";
import { dataOf, type Kind } from "../../model/kind.ts";
import type { Section, Sections } from "../../model/section.ts";
import { bool, duration, int, list, object, string } from "../../model/spec.ts";
import { single } from "../../mount/engine.ts";

/** Paths of a mount's declared CA; objects that need a CA come after it. */
export const authorities = ["root", "intermediate"] as const;

const urls: Endpoint = {
  kind: "PKI URLs",
  path: "config/urls",
  after: () => ["config/cluster", ...authorities],
  spec: object("URLs in certificates of the issuers, CRLs and OCSP servers", {
    issuing_certificates: list("URLs of the CA certificate"),
    crl_distribution_points: list("URLs of the CRL"),
    delta_crl_distribution_points: list("URLs of the delta CRL"),
    ocsp_servers: list("URLs of OCSP servers"),
    enable_templating: bool("URLs contain templates"),
  }),
};

const crl: Endpoint = {
  kind: "PKI CRL config",
  path: "config/crl",
  after: () => authorities,
  spec: object("CRLs and OCSP", {
    expiry: duration("lifetime of a CRL"),
    disable: bool("disable building CRLs"),
    ocsp_disable: bool("disable OCSP"),
    ocsp_expiry: duration("lifetime of an OCSP response"),
    auto_rebuild: bool("rebuild CRLs before they expire"),
    auto_rebuild_grace_period: duration("how long before expiry CRLs are rebuilt"),
    enable_delta: bool("build delta CRLs"),
    delta_rebuild_interval: duration("rebuild interval of delta CRLs"),
    max_crl_entries: int("maximum entries of a CRL; -1 is unlimited", { min: -1 }),
    cross_cluster_revocation: bool("revoke across clusters (Enterprise)"),
    unified_crl: bool("build a unified CRL of all clusters (Enterprise)"),
    unified_crl_on_existing_paths: bool("serve the unified CRL at the existing paths (Enterprise)"),
    allow_expired_cert_revocation: bool("allow revoking expired certificates (OpenBao)"),
  }),
};

const cluster: Endpoint = {
  kind: "PKI cluster config",
  path: "config/cluster",
  spec: object("URLs of this mount, for templates and ACME", {
    path: string("API URL of the mount"),
    aia_path: string("URL for unauthenticated AIA requests"),
  }),
};

const autoTidy: Endpoint = {
  kind: "PKI auto-tidy",
  path: "config/auto-tidy",
  spec: object("automatic tidy", {
    enabled: bool("enable auto-tidy"),
    interval_duration: duration("interval between tidy runs"),
    min_startup_backoff_duration: duration("minimum delay after startup"),
    max_startup_backoff_duration: duration("maximum delay after startup"),
    tidy_cert_store: bool("tidy expired certificates"),
    tidy_revoked_certs: bool("tidy revoked certificates that have expired"),
    tidy_revoked_cert_issuer_associations: bool("correct the issuers of revoked certificates"),
    tidy_expired_issuers: bool("tidy expired issuers"),
    tidy_move_legacy_ca_bundle: bool("move the legacy CA bundle"),
    tidy_revocation_queue: bool("tidy cross-cluster revocation requests (Enterprise)"),
    tidy_cross_cluster_revoked_certs: bool("tidy cross-cluster revocations (Enterprise)"),
    tidy_cert_metadata: bool("tidy certificate metadata (Enterprise)"),
    tidy_cmpv2_nonce_store: bool("tidy CMPv2 nonces (Enterprise)"),
    tidy_acme: bool("tidy ACME accounts and orders"),
    tidy_invalid_certs: bool("tidy certificates that cannot be parsed (OpenBao)"),
    safety_buffer: duration("how long after expiry certificates are kept"),
    revoked_safety_buffer: duration("how long after expiry revoked certificates are kept (OpenBao)"),
    issuer_safety_buffer: duration("how long after expiry issuers are kept"),
    acme_account_safety_buffer: duration("how long ACME accounts without orders are kept"),
    revocation_queue_safety_buffer: duration("how long cross-cluster revocation requests are kept (Enterprise)"),
    pause_duration: duration("pause between certificates", { fraction: true }),
    page_size: int("certificates read per page (OpenBao)", { min: 1 }),
    maintain_stored_certificate_counts: bool("maintain counts of stored certificates"),
    publish_stored_certificate_count_metrics: bool("publish the counts as metrics"),
  }),
};

const acme: Endpoint = {
  kind: "PKI ACME config",
  path: "config/acme",
  after: ({ allowed_roles }) => [
    "config/cluster",
    ...authorities,
    ...(Array.isArray(allowed_roles) ? allowed_roles.map((role) => `roles/${role}`) : []),
  ],
  spec: object("ACME server", {
    enabled: bool("enable ACME"),
    default_directory_policy: string("policy of requests without a role"),
    allowed_roles: list("allowed roles; * is any"),
    allowed_issuers: list("allowed issuers; * is any"),
    allow_role_ext_key_usage: bool("use the role's extended key usages"),
    eab_policy: string("when external account binding is required", {
      values: ["not-required", "new-account-required", "always-required"],
    }),
    dns_resolver: string("host and port of the DNS resolver"),
    max_ttl: duration("maximum TTL of certificates"),
  }),
};

const issuers: Endpoint = {
  kind: "PKI issuers config",
  path: "config/issuers",
  writeReplacesAll: true,
  after: () => authorities,
  spec: object("the default issuer", {
    default: string("default issuer, by name or ID"),
    default_follows_latest_issuer: bool("a new issuer becomes the default"),
  }),
};

/** Vault returns the default issuer's ID. `read` replaces it with the issuer's name, unless the ID is declared. */
const issuersKind: Kind = {
  ...endpointKind(issuers),
  async read(reader, item) {
    const data = dataOf(await reader.once(vaultPath(item.path)), item.path);
    const id = String(data?.["default"] ?? "");
    if (id === "" || item.desired["default"] === id) return data;
    const issuer = item.path.replace(/config\/issuers$/, `issuer/${id}`);
    const name = dataOf(await reader.once(vaultPath(issuer)), issuer)?.["issuer_name"];
    return { ...data, default: name || id };
  },
};

const issuersConfig: Section = single(issuers, issuersKind);

export const pkiConfig: Sections = {
  urls: single(urls),
  crl: single(crl),
  cluster: single(cluster),
  auto_tidy: single(autoTidy),
  acme: single(acme),
  issuers: issuersConfig,
};
