import { vaultPath } from "../../../vault/path.ts";
import { type Endpoint, endpointKind } from "../../model/endpoint.ts";
import { dataOf, type Kind } from "../../model/kind.ts";
import type { Section, Sections } from "../../model/section.ts";
import { bool, duration, int, list, object, string } from "../../model/spec.ts";
import { single } from "../../mount/engine.ts";

/** The CA of a mount, where it is declared, whichever of the two it is. */
export const authorities = ["root", "intermediate"] as const;

const urls: Endpoint = {
  kind: "PKI URLs",
  path: "config/urls",
  after: () => ["config/cluster", ...authorities],
  spec: object("where issuers, CRLs and OCSP are found", {
    issuing_certificates: list("URLs of the CA's certificate"),
    crl_distribution_points: list("URLs of the CRL"),
    delta_crl_distribution_points: list("URLs of the delta CRL"),
    ocsp_servers: list("URLs of OCSP"),
    enable_templating: bool("the URLs hold templates"),
  }),
};

const crl: Endpoint = {
  kind: "PKI CRL config",
  path: "config/crl",
  after: () => authorities,
  spec: object("how revoked certificates are told", {
    expiry: duration("how long a CRL is valid"),
    disable: bool("make none"),
    ocsp_disable: bool("answer no OCSP"),
    ocsp_expiry: duration("how long an answer of OCSP is valid"),
    auto_rebuild: bool("make it anew before it expires"),
    auto_rebuild_grace_period: duration("how long before"),
    enable_delta: bool("make delta CRLs"),
    delta_rebuild_interval: duration("how often"),
    max_crl_entries: int("the most entries; -1 is any number", { min: -1 }),
    cross_cluster_revocation: bool("across clusters (Enterprise)"),
    unified_crl: bool("one for all clusters (Enterprise)"),
    unified_crl_on_existing_paths: bool("at the usual paths (Enterprise)"),
    allow_expired_cert_revocation: bool("expired certificates may be revoked (OpenBao)"),
  }),
};

const cluster: Endpoint = {
  kind: "PKI cluster config",
  path: "config/cluster",
  spec: object("where this mount is found, for templates and ACME", {
    path: string("URL of the mount"),
    aia_path: string("URL of what is told in the clear"),
  }),
};

const autoTidy: Endpoint = {
  kind: "PKI auto-tidy",
  path: "config/auto-tidy",
  spec: object("what is removed by itself", {
    enabled: bool("remove by itself"),
    interval_duration: duration("how often"),
    min_startup_backoff_duration: duration("how long after a start, at least"),
    max_startup_backoff_duration: duration("how long after a start, at most"),
    tidy_cert_store: bool("expired certificates"),
    tidy_revoked_certs: bool("revoked certificates that have expired"),
    tidy_revoked_cert_issuer_associations: bool("wrong issuers of revoked certificates"),
    tidy_expired_issuers: bool("expired issuers"),
    tidy_move_legacy_ca_bundle: bool("the old CA bundle"),
    tidy_revocation_queue: bool("old requests across clusters (Enterprise)"),
    tidy_cross_cluster_revoked_certs: bool("revocations across clusters (Enterprise)"),
    tidy_cert_metadata: bool("metadata of certificates (Enterprise)"),
    tidy_cmpv2_nonce_store: bool("nonces of CMPv2 (Enterprise)"),
    tidy_acme: bool("accounts and orders of ACME"),
    tidy_invalid_certs: bool("certificates that cannot be read (OpenBao)"),
    safety_buffer: duration("how long after expiry certificates go"),
    revoked_safety_buffer: duration("the same for revoked ones (OpenBao)"),
    issuer_safety_buffer: duration("the same for issuers"),
    acme_account_safety_buffer: duration("the same for accounts of ACME"),
    revocation_queue_safety_buffer: duration("the same for requests across clusters (Enterprise)"),
    pause_duration: duration("pause between two certificates", { fraction: true }),
    page_size: int("how many are read at once (OpenBao)", { min: 1 }),
    maintain_stored_certificate_counts: bool("count what is stored"),
    publish_stored_certificate_count_metrics: bool("publish the count"),
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
  spec: object("certificates by ACME", {
    enabled: bool("answer ACME"),
    default_directory_policy: string("what holds where no role is named"),
    allowed_roles: list("roles that may be used; * is any"),
    allowed_issuers: list("issuers that may be used; * is any"),
    allow_role_ext_key_usage: bool("take a role's extended key usages"),
    eab_policy: string("when an account must be bound to one outside", {
      values: ["not-required", "new-account-required", "always-required"],
    }),
    dns_resolver: string("host and port of the resolver"),
    max_ttl: duration("how long a certificate is valid at most"),
  }),
};

const issuers: Endpoint = {
  kind: "PKI issuers config",
  path: "config/issuers",
  replaces: true,
  after: () => authorities,
  spec: object("which issuer is the default", {
    default: string("its name or id"),
    default_follows_latest_issuer: bool("a new issuer becomes the default"),
  }),
};

/** Vault tells the default issuer's id; it counts as the one declared if it has that name. */
const issuersKind: Kind = {
  ...endpointKind(issuers),
  async read(live, item) {
    const data = dataOf(await live.once(vaultPath(item.path)), item.path);
    const id = String(data?.["default"] ?? "");
    if (id === "" || item.desired["default"] === id) return data;
    const issuer = item.path.replace(/config\/issuers$/, `issuer/${id}`);
    const name = dataOf(await live.once(vaultPath(issuer)), issuer)?.["issuer_name"];
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
