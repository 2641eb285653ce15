import type { Vault } from "../../../vault/client.ts";
import { vaultPath } from "../../../vault/path.ts";
import { type Endpoint, endpointKind } from "../../model/endpoint.ts";
import { itemOf } from "../../model/item.ts";
import type { Change, Item, Kind } from "../../model/kind.ts";
import { collection, type Section } from "../../model/section.ts";
import { bool, object } from "../../model/spec.ts";
import type { Values } from "../../model/values.ts";
import { connectionFields } from "./fields.ts";

/** State of the root password's rotation. Vault stores it unchanged among the connection's details. */
const marker = "vault_hooks_root_rotated";
const begun = "begun";
const ended = "true";
/** The root user has one of these; the rotation replaces it. */
const rootCredentials = ["password", "private_key"];

const endpoint: Endpoint = {
  kind: "database connection",
  path: "config",
  readAs: flattenDetails,
  // OpenBao verifies the connection if a write omits this
  always: ["verify_connection"],
  spec: object("how Vault connects to a database", connectionFields),
};
const plain = endpointKind(endpoint);

/** Vault returns most fields in a nested map, and one under a different name. */
function flattenDetails({ connection_details, root_credentials_rotate_statements, ...data }: Values): Values {
  const details = (connection_details ?? {}) as Values;
  return { ...data, ...details, options: details, root_rotation_statements: root_credentials_rotate_statements };
}

const connectionKind: Kind = {
  ...plain,
  rotated: (live) => (live[marker] ? rootCredentials : []),
  write: (vault, change) => plain.write(vault, { ...change, item: { ...change.item, desired: body(change) } }),
};

/** Clears the marker if the root credentials change, since it belongs to the old ones. */
function body(change: Change): Values {
  const { options = {}, ...desired } = change.item.desired;
  const unmarked = change.live?.[marker] && isNewLogin(change) ? { [marker]: "" } : {};
  return { ...(options as Values), ...desired, ...unmarked };
}

function isNewLogin({ fields }: Change): boolean {
  return fields.some(({ field }) => rootCredentials.includes(field));
}

/**
 * Rotates the root user's password, once for each declared password. Marks the connection before and after.
 * If a run ends in between, the declared password may be invalid, so the next run does not write it. It rotates again
 * instead, which loses nothing, since nobody knew the rotated password.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/databases#rotate-root-credentials
 */
const rotationKind: Kind = {
  name: "database root rotation",
  async read(reader, item) {
    const connection = await plain.read(reader, { ...item, path: connectionOf(item) });
    return connection?.[marker] === ended ? {} : undefined;
  },
  // a rotation leaves nothing behind
  exists: async () => false,
  diff: (_, live) => (live === undefined ? { op: "create", fields: [] } : undefined),
  invalidatedBy: (change) => change.item.kind.name === endpoint.kind && isNewLogin(change),
  write: (vault, { item }) => rotate(vault, item),
  requiredPaths: (item) => [{ path: item.path }, { path: connectionOf(item) }],
  exclusive: () => true,
};

async function rotate(vault: Vault, item: Item): Promise<void> {
  const connection = vaultPath(connectionOf(item));
  await vault.write(connection, { ...item.desired, [marker]: begun });
  await vault.write(vaultPath(item.path), {}, { once: true });
  await vault.write(connection, { ...item.desired, [marker]: ended });
}

function connectionOf({ path }: Item): string {
  return path.replace(/rotate-root\/([^/]*)$/, "config/$1");
}

const rotateRoot: Section = {
  kinds: [rotationKind],
  spec: bool("rotate the root user's password, once for each declared password, so that only Vault knows it"),
  compile: (value, context) => {
    if (value !== true) return [];
    const path = context.prefix.replace(/config\/([^/]*)$/, "rotate-root/$1");
    const absolute = { ...context, prefix: "" };
    return [itemOf(rotationKind, object("nothing", {}), path, markerFields(context.values), absolute, context.values)];
  },
};

/** Writes of the marker repeat the declared `verify_connection`, because Vault stores it, and OpenBao verifies if it is omitted. */
function markerFields({ verify_connection }: Values): Values {
  return verify_connection === undefined ? {} : { verify_connection };
}

const declared = collection("connection", connectionKind, endpoint, { sections: { rotate_root: rotateRoot } });

export const connections: Section = {
  ...declared,
  compile: (value, context) => declared.compile(value, context).map(afterPlugin),
};

/** Vault rejects a connection whose plugin is not in its catalog. */
function afterPlugin(item: Item): Item {
  const { plugin_name } = item.desired;
  if (plugin_name === undefined) return item;
  return { ...item, requires: [...(item.requires ?? []), `sys/plugins/catalog/database/${plugin_name}`] };
}
