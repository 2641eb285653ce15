import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import { diffFields, fieldsOf } from "../model/endpoint.ts";
import { authMountFault, authMountPath } from "../model/fields/auth-mount.ts";
import { itemOf, type SectionContext } from "../model/item.ts";
import { type Change, dataOf, type Kind, type LiveReader } from "../model/kind.ts";
import { idsOf, referenceTo } from "../model/reference.ts";
import type { Section } from "../model/section.ts";
import { authMount, map, type NamedSpec, object, named as specNamed, string } from "../model/spec.ts";
import type { Values } from "../model/values.ts";

const mount = authMount("auth mount, as auth/PATH", {
  required: true,
  refers: { to: "accessor", as: "mount_accessor" },
});
const name = string("name of the alias: the name that the auth method assigns at login", { required: true });
const ids = {
  mount_accessor: string("accessor of the auth mount, if it is not given by path"),
  canonical_id: string("ID of the entity or group"),
};

const entityAlias = object("the entity's name in one auth mount", {
  name,
  custom_metadata: map("custom metadata"),
});
const groupAlias = object("the external system's group that this group maps to", { name, mount });

/**
 * An alias has no path by name: it is read with its entity or group, found by its mount, and updated by its ID.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/entity-alias
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/group-alias
 */
function aliasKind(of: "entity" | "group", fields: ReturnType<typeof fieldsOf>): Kind {
  const all = { ...fields, ...ids };
  const api = `identity/${of}-alias`;
  return {
    name: `${of} alias`,
    fields: all,
    async read(reader, item) {
      const aliases = await aliasesOf(reader, item.path.slice(0, item.path.indexOf("/alias")));
      const { mount_accessor } = item.desired;
      return of === "group" ? aliases[0] : aliases.find((each) => each["mount_accessor"] === mount_accessor);
    },
    async exists(reader, path) {
      const [owner = "", mountPath = ""] = path.split("/alias/");
      const aliases = await aliasesOf(reader, owner.replace(/\/alias$/, ""));
      if (of === "group") return aliases.length > 0;
      const accessor = referenceTo("accessor", mountPath);
      const id = (await idsOf(reader, [accessor])).get(accessor);
      return aliases.some((each) => each["mount_accessor"] === id);
    },
    diff: (item, live) => diffFields(`${of} alias`, all, item, live),
    write: (vault, change) => writeAlias(vault, api, change),
    requiredPaths: () => [{ path: api }],
  };
}

async function aliasesOf(reader: LiveReader, owner: string): Promise<Values[]> {
  const data = dataOf(await reader.once(vaultPath(owner)), owner);
  const { aliases, alias } = (data ?? {}) as { aliases?: Values[] | null; alias?: Values | null };
  return [...(aliases ?? []), ...(alias ? [alias] : [])].filter((each) => typeof each["id"] === "string");
}

async function writeAlias(vault: Vault, api: string, { item, live }: Change): Promise<void> {
  const id = live?.["id"];
  await vault.write(id === undefined ? api : `${api}/id/${vaultPath(String(id))}`, item.desired);
}

const entityAliasKind = aliasKind("entity", fieldsOf(entityAlias));
const groupAliasKind = aliasKind("group", { name });

/** An entity has at most one alias per auth mount. */
export const entityAliases: Section = {
  kinds: [entityAliasKind],
  spec: {
    ...specNamed("auth mount", "aliases of the entity, by auth mount: auth/PATH", entityAlias),
    faultOf: authMountFault,
  } satisfies NamedSpec,
  compile: (value, context) =>
    Object.entries(value as Record<string, Values>).map(([declaredMount, each]) => {
      const mountPath = authMountPath(declaredMount);
      const values = { ...each, mount_accessor: referenceTo("accessor", mountPath), ...owner("entity", context) };
      const item = itemOf(entityAliasKind, entityAlias, `alias/${mountPath}`, values, context, each);
      return { ...item, sameAs: aliasIdentity("entity", mountPath, each) };
    }),
};

/** An external group has at most one alias. */
export const groupAliases: Section = {
  kinds: [groupAliasKind],
  spec: groupAlias,
  compile: (value, context) => {
    const values = { ...(value as Values), ...owner("group", context) };
    const item = itemOf(groupAliasKind, groupAlias, "alias", values, context, value);
    const sameAs = aliasIdentity("group", String(values["mount"]), values);
    return [{ ...item, sameAs, ...(context.values["type"] === "external" ? {} : { invalid: internal }) }];
  },
};

const internal = { found: "an alias of an internal group", expected: "type: external for the group, or no alias" };

/** Vault has one alias per mount and name, ignoring case. A second write moves the alias to a different owner. */
function aliasIdentity(of: "entity" | "group", mountPath: string, { name: as }: Values): string {
  return `identity/${of}-alias/${mountPath}/${String(as).toLowerCase()}`;
}

function owner(kind: "entity" | "group", { prefix }: SectionContext): Values {
  return { canonical_id: referenceTo(kind, prefix.slice(`identity/${kind}/name/`.length)) };
}
