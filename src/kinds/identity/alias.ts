import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import type { Values } from "../model/compare.ts";
import { diffFields, fieldsOf } from "../model/endpoint.ts";
import { type Change, dataOf, type Kind, type Live } from "../model/kind.ts";
import { referenceTo } from "../model/reference.ts";
import { itemOf, type Section, type SectionContext } from "../model/section.ts";
import { map, type NamedSpec, object, named as specNamed, string } from "../model/spec.ts";

const mount = string("the auth mount, as auth/PATH", {
  required: true,
  refers: { to: "accessor", as: "mount_accessor" },
});
const name = string("the name that a login there gives", { required: true });
const ids = {
  mount_accessor: string("the accessor of the auth mount, where it is not declared by its path"),
  canonical_id: string("the id of what it is an alias of"),
};

const entityAlias = object("what a login by this method is called", {
  name,
  custom_metadata: map("metadata of its own"),
});
const groupAlias = object("the group of another system that this one stands for", { name, mount });

/**
 * An alias has no path of its own: it is told with its owner, known by its mount, and written by an id.
 *
 * @param owner the path of what it is an alias of, by name
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/entity-alias
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/group-alias
 */
function aliasKind(of: "entity" | "group", fields: ReturnType<typeof fieldsOf>): Kind {
  const all = { ...fields, ...ids };
  const api = `identity/${of}-alias`;
  return {
    name: `${of} alias`,
    fields: all,
    async read(live, item) {
      const aliases = await aliasesOf(live, item.path.slice(0, item.path.indexOf("/alias")));
      const { mount_accessor } = item.desired;
      return of === "group" ? aliases[0] : aliases.find((each) => each["mount_accessor"] === mount_accessor);
    },
    diff: (item, live) => diffFields(`${of} alias`, all, item, live),
    write: (vault, change) => writeAlias(vault, api, change),
    requiredPaths: () => [{ path: api }],
  };
}

async function aliasesOf(live: Live, owner: string): Promise<Values[]> {
  const data = dataOf(await live.once(vaultPath(owner)), owner);
  const { aliases, alias } = (data ?? {}) as { aliases?: Values[] | null; alias?: Values | null };
  return [...(aliases ?? []), ...(alias ? [alias] : [])].filter((each) => typeof each["id"] === "string");
}

async function writeAlias(vault: Vault, api: string, { item, live }: Change): Promise<void> {
  const id = live?.["id"];
  await vault.write(id === undefined ? api : `${api}/id/${vaultPath(String(id))}`, item.desired);
}

const entityAliasKind = aliasKind("entity", fieldsOf(entityAlias));
const groupAliasKind = aliasKind("group", { name });

/** An entity has one alias for each mount. */
export const entityAliases: Section = {
  kinds: [entityAliasKind],
  spec: specNamed(
    "auth mount",
    "its aliases, by the auth mount that they are of: auth/PATH",
    entityAlias,
  ) satisfies NamedSpec,
  compile: (value, place) =>
    Object.entries(value as Record<string, Values>).map(([mountPath, each]) => {
      const values = { ...each, mount_accessor: referenceTo("accessor", mountPath), ...owner("entity", place) };
      const item = itemOf(entityAliasKind, entityAlias, `alias/${mountPath}`, values, place, each);
      return { ...item, sameAs: login("entity", mountPath, each) };
    }),
};

/** An external group has one alias. */
export const groupAliases: Section = {
  kinds: [groupAliasKind],
  spec: groupAlias,
  compile: (value, place) => {
    const values = { ...(value as Values), ...owner("group", place) };
    const item = itemOf(groupAliasKind, groupAlias, "alias", values, place, value);
    const sameAs = login("group", String(values["mount"]), values);
    return [{ ...item, sameAs, ...(place.values["type"] === "external" ? {} : { wrong: internal }) }];
  },
};

const internal = { found: "the alias of an internal group", expected: "type: external for the group, or no alias" };

/** Vault has one alias for one name of a mount, whatever its case, and gives it to whom it was declared for last. */
function login(of: "entity" | "group", mountPath: string, { name: as }: Values): string {
  return `identity/${of}-alias/${mountPath}/${String(as).toLowerCase()}`;
}

function owner(kind: "entity" | "group", { prefix }: SectionContext): Values {
  return { canonical_id: referenceTo(kind, prefix.slice(`identity/${kind}/name/`.length)) };
}
