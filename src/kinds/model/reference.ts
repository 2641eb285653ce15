import type { Answer } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import type { ReferenceKind } from "./fields/field.ts";
import type { Item, LiveReader } from "./kind.ts";
import { SecretReference } from "./secret-reference.ts";
import type { Values } from "./values.ts";

/**
 * Vault gives some objects an id that nobody can know in advance, and other objects must refer to that id. So any string may
 * contain a reference by path or name, `{{accessor:auth/demo}}`, which is replaced with the id once the object exists.
 */
type Referable = {
  /** @returns the path of the referenced item, which comes first */
  readonly item: (name: string) => string;
  /** @returns undefined if Vault has no such object */
  readonly id: (reader: LiveReader, name: string) => Promise<string | undefined>;
};

const referables: Readonly<Record<ReferenceKind, Referable>> = {
  accessor: {
    item: (name) => (name.startsWith("auth/") ? `sys/${name}` : `sys/mounts/${name}`),
    async id(reader, name) {
      const auth = name.startsWith("auth/");
      const mounts = (await reader.once(auth ? "sys/auth" : "sys/mounts"))?.["data"] as Values | undefined;
      const mount = mounts?.[`${auth ? name.slice("auth/".length) : name}/`];
      return stringIn(mount, "accessor");
    },
  },
  entity: byName("identity/entity/name", "id"),
  group: byName("identity/group/name", "id"),
  oidc_client: byName("identity/oidc/client", "client_id"),
  mfa_method: {
    item: (name) => `identity/mfa/method/${name}`,
    id: async (reader, name) => stringIn(await mfaMethodOf(reader, name), "id"),
  },
};

function byName(path: string, field: string): Referable {
  return {
    item: (name) => `${path}/${name}`,
    id: async (reader, name) => stringIn((await reader.once(vaultPath(path, name)))?.["data"], field),
  };
}

function stringIn(value: unknown, field: string): string | undefined {
  const found = (value as Values | null | undefined)?.[field];
  return typeof found === "string" ? found : undefined;
}

/**
 * Finds a login MFA method by name. Vault reads methods only by id, but its list has every field of each.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/mfa#list-mfa-methods-and-their-ids
 */
export async function mfaMethodOf(reader: LiveReader, name: string): Promise<Values | undefined> {
  const answer: Answer | undefined = await reader.once("identity/mfa/method?list=true");
  const infos = (answer?.["data"] as Values | undefined)?.["key_info"] ?? {};
  return Object.values(infos as Readonly<Record<string, Values>>).find((each) => each["name"] === name);
}

const pattern = new RegExp(`\\{\\{(${Object.keys(referables).join("|")}):([^{}]+)\\}\\}`, "g");

export function referenceTo(kind: ReferenceKind, name: string): string {
  return `{{${kind}:${name}}}`;
}

/** @returns the references in a value at any depth, each once: `{{accessor:auth/demo}}` */
export function referencesIn(value: unknown): string[] {
  const found = new Set<string>();
  collect(value, found);
  return [...found];
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value === "string") {
    if (value.includes("{{")) for (const reference of value.match(pattern) ?? []) found.add(reference);
  } else if (typeof value === "object" && value !== null) {
    for (const each of Object.values(value)) collect(each, found);
  }
}

/** @returns the path of the item that a reference names */
export function itemNamedBy(reference: string): string {
  const { kind, name } = parts(reference);
  return referables[kind].item(name);
}

/** @returns ids by reference, for the objects that exist */
export async function idsOf(reader: LiveReader, references: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const reference of references) {
    const { kind, name } = parts(reference);
    const id = await referables[kind].id(reader, name);
    if (id !== undefined) ids.set(reference, id);
  }
  return ids;
}

/** @returns the item with references replaced by ids; unknown references stay */
export function resolveIds(item: Item, ids: ReadonlyMap<string, string>): Item {
  return ids.size === 0 ? item : { ...item, desired: substitute(item.desired, ids) as Values };
}

function substitute(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return value.replace(pattern, (reference) => ids.get(reference) ?? reference);
  if (Array.isArray(value)) return value.map((each) => substitute(each, ids));
  if (typeof value !== "object" || value === null || value instanceof SecretReference) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, substitute(each, ids)]));
}

function parts(reference: string): { kind: ReferenceKind; name: string } {
  const colon = reference.indexOf(":");
  return { kind: reference.slice(2, colon) as ReferenceKind, name: reference.slice(colon + 1, -2) };
}
