import type { Vault } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { vaultPath } from "../../vault/path.ts";
import { additions, differences, type Fields, showBoth } from "./compare.ts";
import { clearedBy } from "./exclusive-fields.ts";
import { type Change, type Difference, dataOf, type Item, type Kind, type LiveReader } from "./kind.ts";
import { type Field, isField, type ObjectSpec } from "./spec.ts";
import type { Values } from "./values.ts";

/** An object at one path of a mount, `config` or one of many by name, described as data. */
export type Endpoint = {
  /** The name of the kind, for people: "Kubernetes auth role". */
  readonly kind: string;
  readonly spec: ObjectSpec;
  /** The part of the path after the mount, without the name: "role". */
  readonly path: string;
  /** Where to write fields that can change, if not to the path itself: "config" for transit/keys/NAME/config. */
  readonly updatePath?: string;
  /** A write resets fields that it omits, so writes include the live values. */
  readonly writeReplacesAll?: boolean;
  /** Write-only fields that every write includes, because they control the write, or a write without them resets them. */
  readonly always?: readonly string[];
  /** Vault ignores the case of names: two that differ only in case are one object. May depend on the mount's fields. */
  readonly caseInsensitive?: true | ((mount: Values) => boolean);
  /** @returns paths in the same mount that come first, if they are declared */
  readonly after?: (values: Values) => readonly string[];
  /** @returns the values that Vault returned, under the names that it takes */
  readonly readAs?: (data: Values) => Values;
  /** Vault never returns it: all its fields are write-only, and it counts as existing. */
  readonly unreadable?: boolean;
  /** The error that means that the object does not exist, if that is not a 404. */
  readonly absent?: RegExp;
};

/** @returns a kind that reads the path, compares the managed fields, and writes the path */
export function endpointKind(endpoint: Endpoint): Kind {
  const fields = fieldsOf(endpoint.spec);
  return {
    name: endpoint.kind,
    fields,
    ...(endpoint.unreadable ? { unreadable: true, exists: mountExists } : {}),
    async read(reader, item) {
      if (endpoint.unreadable) return {};
      const data = await readAt(reader, endpoint, item);
      return data === undefined || endpoint.readAs === undefined ? data : endpoint.readAs(data);
    },
    diff: (item, live) => diffFields(endpoint.kind, fields, withCleared(endpoint, fields, item, live), live),
    write: (vault, change) => write(vault, endpoint, fields, change),
    requiredPaths: (item) => [
      { path: item.path },
      ...(endpoint.updatePath ? [{ path: updatePath(endpoint, item) }] : []),
    ],
  };
}

/** Of an object that Vault never returns, only its mount is known. */
async function mountExists({ once }: LiveReader, path: string): Promise<boolean> {
  const mounts = dataOf(await once("sys/mounts"), path) ?? {};
  return Object.keys(mounts).some((mount) => path.startsWith(mount));
}

/** @returns the item, with empty values for live fields that it clears */
function withCleared({ spec }: Endpoint, fields: Fields, item: Item, live: Values | undefined): Item {
  if (live === undefined || (spec.exclusive ?? spec.excludes) === undefined) return item;
  return { ...item, desired: { ...item.desired, ...clearedBy(spec, fields, item.desired, live) } };
}

async function readAt(reader: LiveReader, { absent }: Endpoint, { path }: Item): Promise<Values | undefined> {
  try {
    return dataOf(await reader.once(vaultPath(path)), path);
  } catch (error) {
    if (error instanceof VaultError && absent?.test(error.errors.join("; "))) return undefined;
    throw error;
  }
}

/** @returns the differences of one object's fields; a refusal if Vault cannot change one of them */
export function diffFields(kind: string, fields: Fields, item: Item, live: Values | undefined): Difference | undefined {
  if (live === undefined) return { op: "create", fields: additions(fields, item.desired) };
  const changed = differences(fields, item.desired, live);
  if (changed.length === 0) return undefined;
  const fixed = changed.find(({ field, before }) => isFixed(fields[field], before));
  if (fixed === undefined) return { op: "update", fields: changed };
  return {
    op: "refuse",
    reason: `${kind} ${item.path}: ${showBoth(fixed)}; Vault cannot change it`,
    todo: "Put Vault's value into the configuration; or, if its data may be lost, delete the object in Vault by hand.",
  };
}

function isFixed(field: Field | undefined, before: unknown): boolean {
  return field?.createOnly === true || (field?.staysOn === true && before === true);
}

export function fieldsOf(spec: ObjectSpec): Readonly<Record<string, Field>> {
  return Object.fromEntries(Object.entries(spec.fields).filter((entry): entry is [string, Field] => isField(entry[1])));
}

async function write(vault: Vault, endpoint: Endpoint, fields: Fields, change: Change): Promise<void> {
  const { op, live } = change;
  const item = withCleared(endpoint, fields, change.item, live);
  const path = vaultPath(item.path);
  if (endpoint.updatePath === undefined) {
    const kept = endpoint.writeReplacesAll && live !== undefined ? writable(fields, live) : {};
    const wanted = op === "create" ? item.desired : changeableOf(endpoint, fields, { ...change, item });
    await vault.write(path, requestOf(fields, { ...kept, ...wanted }));
    return;
  }
  if (op === "create") await vault.write(path, requestOf(fields, pick(fields, item.desired, true)));
  const changeable = requestOf(fields, pick(fields, item.desired, false));
  if (Object.keys(changeable).length > 0) await vault.write(vaultPath(updatePath(endpoint, item)), changeable);
}

/**
 * @returns the fields that an update sends. Vault refuses create-only fields even if they are the same. A write-only field may have
 * changed in Vault since, so it is sent only if the plan says so. Fields that Vault requires or would reset are always sent.
 */
function changeableOf(
  { writeReplacesAll, always = [] }: Endpoint,
  fields: Fields,
  { item, fields: changed }: Change,
): Values {
  const asked = new Set([...always, ...changed.map(({ field }) => field)]);
  const sent = Object.entries(item.desired).filter(([name]) => {
    const field = fields[name];
    if (field === undefined || field.required) return true;
    return !field.createOnly && (!field.writeOnly || writeReplacesAll || asked.has(name));
  });
  return Object.fromEntries(sent);
}

/** @returns the values as a request carries them */
export function requestOf(fields: Fields, values: Values): Values {
  const taken = Object.entries(values).map(([name, value]) => {
    const toRequest = fields[name]?.type.toRequest;
    return [name, toRequest === undefined ? value : toRequest(value)];
  });
  return Object.fromEntries(taken);
}

function updatePath(endpoint: Endpoint, item: Item): string {
  return `${item.path}/${endpoint.updatePath ?? ""}`;
}

/** @returns the live values that Vault takes back */
export function writable(fields: Fields, live: Values): Values {
  const known = Object.entries(live).filter(([name, value]) => {
    const field = fields[name];
    return field !== undefined && !field.writeOnly && value !== null;
  });
  return Object.fromEntries(known);
}

function pick(fields: Fields, values: Values, createOnly: boolean): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => (fields[name]?.createOnly === true) === createOnly),
  );
}
