import { rotationFields } from "../../model/rotation.ts";
import { bool, duration, int, list, map, string } from "../../model/spec.ts";

const hidden = { writeOnly: true };

const login = {
  connection_url: string("URL, with {{username}} and {{password}} in it", { templated: true, secret: true }),
  username: string("name of the root user"),
  password: string("its password", hidden),
  private_key: string("its key, where it logs in by one", hidden),
  service_account_json: string("key of a service account, for databases of Google Cloud", hidden),
  auth_type: string("how it logs in: gcp_iam, or unset"),
  password_authentication: string("how PostgreSQL keeps passwords", { values: ["password", "scram-sha-256"] }),
  self_managed: bool("static users log in as themselves (Enterprise)"),
  disable_escaping: bool("do not escape user name and password in the URL"),
  username_template: string("template of the names of users"),
  password_policy: string("password policy of what Vault makes", { names: "password policy" }),
};

const network = {
  max_open_connections: int("the most connections; 0 is the default, -1 any number"),
  max_idle_connections: int("the most idle connections"),
  max_connection_lifetime: duration("how long a connection is kept"),
  connect_timeout: duration("how long to wait for a connection"),
  socket_timeout: duration("how long to wait for an answer"),
  socket_keep_alive: duration("how often to see that it is alive"),
  tls: bool("use TLS"),
  insecure_tls: bool("do not check the database's certificate"),
  tls_ca: string("PEM certificates of the database"),
  ca_cert: string("the same, for Elasticsearch and Redis"),
  ca_path: string("a folder of them"),
  client_cert: string("PEM certificate of Vault"),
  client_key: string("its key", hidden),
  tls_certificate: string("PEM certificate of Vault, for PostgreSQL"),
  tls_certificate_key: string("PEM certificate of Vault and its key", hidden),
  tls_server_name: string("name that the database's certificate must have"),
  tls_min_version: string("oldest version of TLS", { values: ["tls10", "tls11", "tls12", "tls13"] }),
  tls_skip_verify: bool("do not check the database's certificate, for MySQL"),
  insecure: bool("the same, for Elasticsearch"),
  pem_bundle: string("certificates and key in PEM", hidden),
  pem_json: string("the same, in JSON", hidden),
};

const particular = {
  hosts: string("hosts of Cassandra, with commas between them"),
  host: string("host of InfluxDB and Redis"),
  port: int("its port", { min: 1, max: 65_535 }),
  url: string("URL of Elasticsearch"),
  protocol_version: int("of Cassandra's protocol"),
  local_datacenter: string("of Cassandra"),
  consistency: string("of Cassandra"),
  skip_verification: bool("do not check permissions, for Cassandra"),
  write_concern: string("of MongoDB, in JSON"),
  public_key: string("of MongoDB Atlas's API"),
  project_id: string("of MongoDB Atlas"),
  contained_db: bool("the database of SQL Server is contained"),
  use_private_ip: bool("use the private address, for Google Cloud"),
  use_psc: bool("use Private Service Connect, for Google Cloud"),
  bucket_name: string("of Couchbase"),
  base64pem: string("PEM certificates of Couchbase, in base64"),
  use_old_xpack: bool("use the old paths of Elasticsearch"),
};

/** What the plugins of Vault and OpenBao take; further fields go into `options`. */
export const connectionFields = {
  plugin_name: string("name of the plugin", { required: true }),
  plugin_version: string("its version"),
  allowed_roles: list("roles that may use it; * is any"),
  verify_connection: bool("log in at once to see that it works", hidden),
  root_rotation_statements: list("statements that renew the root user's password", { ordered: true }),
  skip_static_role_import_rotation: bool("static roles keep their passwords at first (Enterprise)"),
  ...login,
  ...network,
  ...particular,
  options: map("further fields of the plugin", { partial: true, secret: true }),
  ...rotationFields,
};
