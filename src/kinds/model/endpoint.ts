import type { Vault } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { vaultPath } from "../../vault/path.ts";
import { additions, differences, type Fields, showBoth } from "./compare.ts";
import { clearedBy } from "./exclusive-fields.ts";
import { type Change, type Difference, dataOf, type Item, type Kind, type Live } from "./kind.ts";
import { type Field, isField, type ObjectSpec } from "./spec.ts";
import type { Values } from "./values.ts";

/** An object at one path of a mount: `config`, or one of many by name. Described as data, never written out as code. */
export type Endpoint = {
  /** As people call it: "Kubernetes role". */
  readonly kind: string;
  readonly spec: ObjectSpec;
  /** The part of the path after the mount, without the name: "role". */
  readonly path: string;
  /** Where fields go that can be changed, if not to the path itself: "config" for transit/keys/NAME/config. */
  readonly updatePath?: string;
  /** A write resets what it does not mention: what Vault tells is then sent along. */
  readonly replaces?: boolean;
  /** Write-only fields that come with every write: they say how it is done, or are reset by one that does not mention them. */
  readonly always?: readonly string[];
  /** Vault keeps names in one case: two that differ by case alone are one object; perhaps not in every mount. */
  readonly folds?: true | ((mount: Values) => boolean);
  /** Paths in the same mount that come first, where they are declared. */
  readonly after?: (values: Values) => readonly string[];
  /** What Vault tells, by the names under which it takes it. */
  readonly readAs?: (data: Values) => Values;
  /** Vault tells nothing of it: all its fields are write-only, and once made it counts as being there. */
  readonly unreadable?: boolean;
  /** How Vault says that there is none, where that is no 404. */
  readonly absent?: RegExp;
};

/** A kind for one shape of object: read its path, compare the managed fields, write its path. */
export function endpointKind(endpoint: Endpoint): Kind {
  const fields = fieldsOf(endpoint.spec);
  return {
    name: endpoint.kind,
    fields,
    ...(endpoint.unreadable ? { unreadable: true } : {}),
    async read(live, item) {
      if (endpoint.unreadable) return {};
      const data = await readAt(live, endpoint, item);
      return data === undefined || endpoint.readAs === undefined ? data : endpoint.readAs(data);
    },
    diff: (item, live) => diffFields(endpoint.kind, fields, displacing(endpoint, fields, item, live), live),
    write: (vault, change) => write(vault, endpoint, fields, change),
    requiredPaths: (item) => [
      { path: item.path },
      ...(endpoint.updatePath ? [{ path: updatePath(endpoint, item) }] : []),
    ],
  };
}

/** The item with what gives way to it as empty. */
function displacing({ spec }: Endpoint, fields: Fields, item: Item, live: Values | undefined): Item {
  if (live === undefined || (spec.exclusive ?? spec.excludes) === undefined) return item;
  return { ...item, desired: { ...item.desired, ...clearedBy(spec, fields, item.desired, live) } };
}

async function readAt(live: Live, { absent }: Endpoint, { path }: Item): Promise<Values | undefined> {
  try {
    return dataOf(await live.once(vaultPath(path)), path);
  } catch (error) {
    if (error instanceof VaultError && absent?.test(error.errors.join("; "))) return undefined;
    throw error;
  }
}

/** The difference of one object by its fields; a difference in a field that cannot be changed is refused. */
export function diffFields(kind: string, fields: Fields, item: Item, live: Values | undefined): Difference | undefined {
  if (live === undefined) return { op: "create", fields: additions(fields, item.desired) };
  const changed = differences(fields, item.desired, live);
  if (changed.length === 0) return undefined;
  const fixed = changed.find(({ field, before }) => isFixed(fields[field], before));
  if (fixed === undefined) return { op: "update", fields: changed };
  return {
    op: "refuse",
    reason: `${kind} ${item.path}: ${showBoth(fixed)}; Vault cannot change it`,
    todo: "Put the living value into the configuration; or, if its data may be lost, remove the object from Vault by hand.",
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
  const item = displacing(endpoint, fields, change.item, live);
  const path = vaultPath(item.path);
  if (endpoint.updatePath === undefined) {
    const kept = endpoint.replaces && live !== undefined ? writable(fields, live) : {};
    const wanted = op === "create" ? item.desired : changeableOf(endpoint, fields, { ...change, item });
    await vault.write(path, requestOf(fields, { ...kept, ...wanted }));
    return;
  }
  if (op === "create") await vault.write(path, requestOf(fields, pick(fields, item.desired, true)));
  const changeable = requestOf(fields, pick(fields, item.desired, false));
  if (Object.keys(changeable).length > 0) await vault.write(vaultPath(updatePath(endpoint, item)), changeable);
}

/**
 * Vault refuses some fields after creation even with the same value; and a write-only one may have been changed in Vault since it
 * was written, so it comes only where that is asked for. Those that Vault requires or would reset must come all the same.
 */
function changeableOf({ replaces, always = [] }: Endpoint, fields: Fields, { item, fields: changed }: Change): Values {
  const asked = new Set([...always, ...changed.map(({ field }) => field)]);
  const sent = Object.entries(item.desired).filter(([name]) => {
    const field = fields[name];
    if (field === undefined || field.required) return true;
    return !field.createOnly && (!field.writeOnly || replaces || asked.has(name));
  });
  return Object.fromEntries(sent);
}

/** @returns the values as a request carries them */
function requestOf(fields: Fields, values: Values): Values {
  const taken = Object.entries(values).map(([name, value]) => {
    const toRequest = fields[name]?.type.toRequest;
    return [name, toRequest === undefined ? value : toRequest(value)];
  });
  return Object.fromEntries(taken);
}

function updatePath(endpoint: Endpoint, item: Item): string {
  return `${item.path}/${endpoint.updatePath ?? ""}`;
}

/** What Vault tells of an object and takes again. */
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
