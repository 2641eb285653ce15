import type { Vault } from "../../../vault/client.ts";
import { vaultPath } from "../../../vault/path.ts";
import type { Values } from "../../model/compare.ts";
import { type Endpoint, endpointKind } from "../../model/endpoint.ts";
import type { Change, Item, Kind } from "../../model/kind.ts";
import { collection, itemOf, type Section } from "../../model/section.ts";
import { bool, object } from "../../model/spec.ts";
import { connectionFields } from "./fields.ts";

/** Stored by Vault among a connection's own details, which it keeps as they are: how far the renewal of the root user's password is. */
const marker = "vault_hooks_root_rotated";
const begun = "begun";
const ended = "true";
/** What the renewal replaces: the one of the two by which the root user logs in. */
const renewable = ["password", "private_key"];

const endpoint: Endpoint = {
  kind: "database connection",
  path: "config",
  readAs: told,
  // OpenBao verifies where a write says nothing
  always: ["verify_connection"],
  spec: object("how Vault logs in to a database", connectionFields),
};
const plain = endpointKind(endpoint);

/** Vault tells most fields in a map of its own, and one under another name. */
function told({ connection_details, root_credentials_rotate_statements, ...data }: Values): Values {
  const details = (connection_details ?? {}) as Values;
  return { ...data, ...details, options: details, root_rotation_statements: root_credentials_rotate_statements };
}

const connectionKind: Kind = {
  ...plain,
  rotated: (live) => (live[marker] ? renewable : []),
  write: (vault, change) => plain.write(vault, { ...change, item: { ...change.item, desired: body(change) } }),
};

/** With another login than the one that was renewed the mark speaks of nothing any more. */
function body(change: Change): Values {
  const { options = {}, ...desired } = change.item.desired;
  const unmarked = change.live?.[marker] && isNewLogin(change) ? { [marker]: "" } : {};
  return { ...(options as Values), ...desired, ...unmarked };
}

function isNewLogin({ fields }: Change): boolean {
  return fields.some(({ field }) => renewable.includes(field));
}

/**
 * The renewal of the root user's password, once for each that is declared. It is marked before and after: should a run end in between, the next one does not
 * write the password that was declared, which may open nothing any more, and renews it again, which loses nothing, as nobody knew it.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/databases#rotate-root-credentials
 */
const rotationKind: Kind = {
  name: "database root rotation",
  async read(live, item) {
    const held = await plain.read(live, { ...item, path: connectionOf(item) });
    return held?.[marker] === ended ? {} : undefined;
  },
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
  spec: bool("have Vault renew the root user's password, once for each that is declared, so that nobody else knows it"),
  compile: (value, place) => {
    if (value !== true) return [];
    const path = place.prefix.replace(/config\/([^/]*)$/, "rotate-root/$1");
    const inside = { ...place, prefix: "" };
    return [itemOf(rotationKind, object("nothing", {}), path, howMarked(place.values), inside, place.values)];
  },
};

/** Vault stores what a write says of this, and OpenBao verifies where a write says nothing: the marks say what is declared. */
function howMarked({ verify_connection }: Values): Values {
  return verify_connection === undefined ? {} : { verify_connection };
}

const declared = collection("connection", connectionKind, endpoint, { sections: { rotate_root: rotateRoot } });

export const connections: Section = {
  ...declared,
  compile: (value, place) => declared.compile(value, place).map(behindPlugin),
};

/** Vault refuses a connection whose plugin is missing in its catalog. */
function behindPlugin(item: Item): Item {
  const { plugin_name } = item.desired;
  if (plugin_name === undefined) return item;
  return { ...item, requires: [...(item.requires ?? []), `sys/plugins/catalog/database/${plugin_name}`] };
}
