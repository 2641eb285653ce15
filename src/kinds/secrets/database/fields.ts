import { rotationFields } from "../../model/rotation.ts";
import { bool, connectionUrl, duration, int, list, map, string } from "../../model/spec.ts";

const writeOnly = { writeOnly: true };

const login = {
  connection_url: connectionUrl("connection URL, with {{username}} and {{password}}", { secret: true }),
  username: string("root username"),
  password: string("root password", writeOnly),
  private_key: string("private key of the root user, instead of a password", writeOnly),
  service_account_json: string("JSON key of a service account, for Google Cloud", writeOnly),
  auth_type: string("`gcp_iam`, or unset"),
  password_authentication: string("how PostgreSQL passwords are sent", { values: ["password", "scram-sha-256"] }),
  self_managed: bool("static roles log in with their own credentials (Enterprise)"),
  disable_escaping: bool("do not escape username and password in the URL"),
  username_template: string("template of usernames"),
  password_policy: string("password policy of generated passwords", { names: "password policy" }),
};

const network = {
  max_open_connections: int("maximum open connections; 0 is the default, -1 is unlimited"),
  max_idle_connections: int("maximum idle connections"),
  max_connection_lifetime: duration("maximum lifetime of a connection"),
  connect_timeout: duration("timeout of a connection"),
  socket_timeout: duration("timeout of a request"),
  socket_keep_alive: duration("keep-alive interval"),
  tls: bool("use TLS"),
  insecure_tls: bool("do not verify the server's certificate"),
  tls_ca: string("PEM CA certificates of the server"),
  ca_cert: string("PEM CA certificates of the server, for Elasticsearch and Redis"),
  ca_path: string("directory of PEM CA certificates, for Elasticsearch"),
  client_cert: string("PEM client certificate"),
  client_key: string("PEM key of the client certificate", writeOnly),
  tls_certificate: string("PEM client certificate, for PostgreSQL"),
  tls_certificate_key: string("PEM client certificate and key", writeOnly),
  tls_server_name: string("expected server name of the certificate"),
  tls_min_version: string("minimum TLS version", { values: ["tls10", "tls11", "tls12", "tls13"] }),
  tls_skip_verify: bool("do not verify the server's certificate, for MySQL"),
  insecure: bool("do not verify the server's certificate, for Elasticsearch"),
  pem_bundle: string("PEM bundle of certificate, key and CA", writeOnly),
  pem_json: string("JSON of certificate, key and CA", writeOnly),
};

const pluginFields = {
  hosts: string("hosts, comma-separated, for Cassandra"),
  host: string("host, for InfluxDB and Redis"),
  port: int("port of the host", { min: 1, max: 65_535 }),
  url: string("URL, for Elasticsearch"),
  protocol_version: int("protocol version, for Cassandra"),
  local_datacenter: string("local datacenter, for Cassandra"),
  consistency: string("consistency level, for Cassandra"),
  skip_verification: bool("do not verify permissions, for Cassandra"),
  write_concern: string("write concern in JSON, for MongoDB"),
  public_key: string("public API key, for MongoDB Atlas"),
  project_id: string("project ID, for MongoDB Atlas"),
  contained_db: bool("the database is contained, for SQL Server"),
  use_private_ip: bool("use the private IP address, for Google Cloud"),
  use_psc: bool("use Private Service Connect, for Google Cloud"),
  bucket_name: string("bucket, for Couchbase"),
  base64pem: string("PEM CA certificates, base64-encoded, for Couchbase"),
  use_old_xpack: bool("use the old X-Pack paths, for Elasticsearch"),
};

/** Fields of the plugins of Vault and OpenBao. Further fields go into `options`. */
export const connectionFields = {
  plugin_name: string("name of the plugin", { required: true }),
  plugin_version: string("version of the plugin"),
  allowed_roles: list("roles that may use the connection; * is any"),
  verify_connection: bool("verify the connection when it is written", writeOnly),
  root_rotation_statements: list("statements that rotate the root user's password", { ordered: true }),
  skip_static_role_import_rotation: bool("static roles keep their passwords at first (Enterprise)"),
  ...login,
  ...network,
  ...pluginFields,
  options: map("further fields of the plugin", { partial: true, secret: true }),
  ...rotationFields,
};
