import { type FieldChange, showBoth, type Values } from "../model/compare.ts";
import { type Endpoint, endpointKind } from "../model/endpoint.ts";
import type { Difference, Item, Kind } from "../model/kind.ts";
import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { engine, named, type Section, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const versions = ["tls10", "tls11", "tls12", "tls13"];

const config = {
  url: string("addresses of the servers: ldaps://one,ldaps://two", { required: true, lower: true }),
  binddn: string("who Vault searches as"),
  bindpass: string("the password for that", { writeOnly: true }),
  userdn: string("where users are"),
  userattr: string("the attribute that is the user's name", { lower: true }),
  userfilter: string("how a user is found"),
  upndomain: string("the domain of userPrincipalName (Active Directory)"),
  discoverdn: bool("find the user's DN without binding"),
  anonymous_group_search: bool("search groups without binding"),
  groupdn: string("where groups are"),
  groupattr: string("the attribute that is the group's name"),
  groupfilter: string("how a user's groups are found"),
  use_token_groups: bool("take groups from tokenGroups (Active Directory)"),
  use_pre111_group_cn_behavior: bool("names of groups keep their case, as before Vault 1.1.1"),
  username_as_alias: bool("the name as it was typed names the entity's alias"),
  case_sensitive_names: bool(
    "names differ by case; a change of it is refused, since groups and users would lose their policies",
  ),
  enable_samaccountname_login: bool("log in by sAMAccountName (Active Directory)"),
  deny_null_bind: bool("refuse an empty password"),
  dereference_aliases: string("when to follow aliases", { values: ["never", "finding", "searching", "always"] }),
  starttls: bool("begin TLS on a plain connection"),
  insecure_tls: bool("do not check the server's certificate"),
  tls_min_version: string("the oldest TLS", { values: versions }),
  tls_max_version: string("the newest TLS", { values: versions }),
  certificate: string("PEM certificates to trust"),
  client_tls_cert: string("Vault's own certificate in PEM", { writeOnly: true }),
  client_tls_key: string("its key in PEM", { writeOnly: true }),
  connection_timeout: duration("how long to wait for a connection"),
  request_timeout: duration("how long to wait for an answer"),
  max_page_size: int("how many results at once; 0 is all"),
  rotation_period: duration("rotate the bind password this often (Enterprise)"),
  rotation_schedule: string("or by this cron schedule (Enterprise)"),
  rotation_window: duration("how long after that it may be rotated (Enterprise)"),
  disable_automated_rotation: bool("do not rotate (Enterprise)"),
  rotation_url: string("address of the server where it is rotated; unset: url (Vault)"),
  password_policy: string("the password policy of rotated passwords"),
  ...tokenFields,
};

/** Names of mounts that keep case are their own; all others Vault keeps in lower case. */
const policies = list("policies of its members", { names: "policy", lower: true });

/** A mount may keep case. */
const folds = ({ config }: Values) => String((config as Values | undefined)?.["case_sensitive_names"]) !== "true";

/** Vault answers with its defaults where nobody has configured the mount yet. */
const isUnconfigured = ({ url, userdn }: Values) => url === "ldap://127.0.0.1" && userdn === "";

const configEndpoint: Endpoint = {
  kind: "LDAP auth config",
  path: "config",
  spec: object("where the directory is, and how it is searched", config, { aliases: tokenAliases }),
};
const plain = endpointKind(configEndpoint);

/** Vault keeps the names that it has, and looks for them in another case from then on: whoever has one would lose its policies. */
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
    reason: `${configEndpoint.kind} ${path}: ${showBoth(changed)}; groups and users would lose their policies, as Vault would look for other names than those it holds`,
    todo: `Put the living value into the configuration, or declare a mount of its own with the other; or, if people may be without their policies meanwhile, delete the mount's groups and users whose names have capitals, run \`vault write ${path} ${field}=${after}\`, and run this again, which makes those declared.`,
  };
}

/** What a name is kept as depends on the configuration. */
const after = () => [configEndpoint.path];

/** @param lower Vault keeps the names of groups in lower case */
function usersWhere(lower: boolean): Section {
  const groups = list("groups besides those in the directory", { lower });
  const spec = object("what one user gets besides", { policies, groups });
  return named("user", { kind: "LDAP user", path: "users", folds, after, replaces: true, spec });
}

const folded = usersWhere(true);
const exact = usersWhere(false);

/** @see https://developer.hashicorp.com/vault/api-docs/auth/ldap */
export const ldap = engine("auth", "ldap", "logins of people by a directory", {
  config: single(configEndpoint, configKind),
  groups: named("group", {
    kind: "LDAP group",
    path: "groups",
    folds,
    after,
    spec: object("what members of a group of the directory get", { policies }),
  }),
  users: { ...folded, compile: (value, place) => (folds(place.values) ? folded : exact).compile(value, place) },
});
