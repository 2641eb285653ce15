import { type FieldChange, showBoth } from "../model/compare.ts";
import { type Endpoint, endpointKind } from "../model/endpoint.ts";
import type { Difference, Item, Kind } from "../model/kind.ts";
import { bool, duration, int, list, object, string } from "../model/spec.ts";
import type { Values } from "../model/values.ts";
import { engine, named, type Section, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const versions = ["tls10", "tls11", "tls12", "tls13"];

const config = {
  url: string("LDAP server URLs: ldaps://one,ldaps://two", { required: true, lower: true }),
  binddn: string("DN that Vault binds as to search"),
  bindpass: string("password of binddn", { writeOnly: true }),
  userdn: string("base DN of users"),
  userattr: string("attribute of the username", { lower: true }),
  userfilter: string("search filter for users"),
  upndomain: string("userPrincipalName domain (Active Directory)"),
  discoverdn: bool("discover the user's DN with an anonymous bind"),
  anonymous_group_search: bool("search groups with an anonymous bind"),
  groupdn: string("base DN of groups"),
  groupattr: string("attribute of the group name"),
  groupfilter: string("search filter for a user's groups"),
  use_token_groups: bool("resolve groups with tokenGroups (Active Directory)"),
  use_pre111_group_cn_behavior: bool("keep the case of group names, as before Vault 1.1.1"),
  username_as_alias: bool("use the username as the name of the entity alias"),
  case_sensitive_names: bool(
    "group and user names are case-sensitive; a change is refused, since they would lose their policies",
  ),
  enable_samaccountname_login: bool("login with sAMAccountName (Active Directory)"),
  deny_null_bind: bool("reject an empty password"),
  dereference_aliases: string("when aliases are dereferenced", { values: ["never", "finding", "searching", "always"] }),
  starttls: bool("use StartTLS"),
  insecure_tls: bool("do not verify the server's certificate"),
  tls_min_version: string("minimum TLS version", { values: versions }),
  tls_max_version: string("maximum TLS version", { values: versions }),
  certificate: string("PEM CA certificates of the server"),
  client_tls_cert: string("PEM client certificate of Vault", { writeOnly: true }),
  client_tls_key: string("PEM key of the client certificate", { writeOnly: true }),
  connection_timeout: duration("timeout of a connection"),
  request_timeout: duration("timeout of a request"),
  max_page_size: int("page size of searches; 0 disables paging"),
  rotation_period: duration("rotation period of the bind password (Enterprise)"),
  rotation_schedule: string("cron schedule of the rotation (Enterprise)"),
  rotation_window: duration("how long after its schedule a rotation may start (Enterprise)"),
  disable_automated_rotation: bool("disable automated rotation (Enterprise)"),
  rotation_url: string("URL of the server for rotation; unset: url (Vault)"),
  password_policy: string("password policy of rotated passwords"),
  ...tokenFields,
};

const policies = list("policies of its members", { names: "policy", lower: true });

/** Vault folds names to lower case, unless the mount's `case_sensitive_names` is true. */
const ignoresCase = ({ config }: Values) => String((config as Values | undefined)?.["case_sensitive_names"]) !== "true";

/** Vault returns its defaults for a mount without a config. */
const isUnconfigured = ({ url, userdn }: Values) => url === "ldap://127.0.0.1" && userdn === "";

const configEndpoint: Endpoint = {
  kind: "LDAP auth config",
  path: "config",
  spec: object("the LDAP server, and how it is searched", config, { aliases: tokenAliases }),
};
const plain = endpointKind(configEndpoint);

/**
 * Refuses a change of `case_sensitive_names`. Vault would keep the stored names but look up a different case, so that their
 * policies would be lost.
 */
const configKind: Kind = {
  ...plain,
  diff(item, live) {
    const difference = plain.diff(item, live);
    if (difference?.op !== "update" || live === undefined || isUnconfigured(live)) return difference;
    const changed = difference.fields.find(({ field }) => field === "case_sensitive_names");
    return changed === undefined ? difference : refuse(item, changed);
  },
};

function refuse({ path }: Item, changed: FieldChange): Difference {
  const { field, after } = changed;
  return {
    op: "refuse",
    reason: `${configEndpoint.kind} ${path}: ${showBoth(changed)}; groups and users would lose their policies, since Vault would look up other names than those stored`,
    todo: `Put Vault's value into the configuration, or declare a second mount with the new value. If users can do without their policies for a moment, delete the mount's groups and users whose names have capitals, run \`vault write ${path} ${field}=${after}\`, and run configure again to create the declared ones.`,
  };
}

/** The config decides the case of names, so it is written first. */
const after = () => [configEndpoint.path];

/** @param lower whether Vault stores group names in lower case */
function usersWhere(lower: boolean): Section {
  const groups = list("groups besides those in LDAP", { lower });
  const spec = object("extra groups and policies of a user", { policies, groups });
  return named("user", {
    kind: "LDAP user",
    path: "users",
    caseInsensitive: ignoresCase,
    after,
    writeReplacesAll: true,
    spec,
  });
}

const folded = usersWhere(true);
const exact = usersWhere(false);

/** @see https://developer.hashicorp.com/vault/api-docs/auth/ldap */
export const ldap = engine(
  "auth",
  "ldap",
  "login with an LDAP username and password (not built into OpenBao since 2.7)",
  {
    config: single(configEndpoint, configKind),
    groups: named("group", {
      kind: "LDAP group",
      path: "groups",
      caseInsensitive: ignoresCase,
      after,
      spec: object("policies of an LDAP group", { policies }),
    }),
    users: {
      ...folded,
      compile: (value, context) => (ignoresCase(context.values) ? folded : exact).compile(value, context),
    },
  },
);
