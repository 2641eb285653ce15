import { AppError, RefusedError } from "../../errors.ts";
import type { Vault } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { vaultPath } from "../../vault/path.ts";
import { additions, differences, type FieldChange } from "../model/compare.ts";
import { fieldsOf } from "../model/endpoint.ts";
import {
  type Change,
  type Difference,
  dataOf,
  type Item,
  type Kind,
  type LiveReader,
  uncachedReader,
} from "../model/kind.ts";
import type { Section } from "../model/section.ts";
import { cidrs, duration, int, map, named, object } from "../model/spec.ts";
import type { Values } from "../model/values.ts";
import { mountsBefore } from "../mount/possible-mounts.ts";
import { generate } from "../secrets/kv/generate.ts";
import { kvPlaceOf } from "../secrets/kv/place.ts";
import { kvValueKind } from "../secrets/kv/value.ts";

const spec = object("a secret ID that vault-hooks generates and stores there with the role ID", {
  metadata: map("metadata of the secret ID, set on tokens and in the audit log"),
  cidr_list: cidrs("CIDR blocks that may log in with it"),
  token_bound_cidrs: cidrs("CIDR blocks that may use its tokens"),
  num_uses: int("maximum uses; 0 is unlimited", { min: 0 }),
  ttl: duration("TTL; 0 never expires. The first run after the expiry creates a new secret ID"),
});
const fields = fieldsOf(spec);

/** `role` is the role's path, `kvPath` the KV path with its mount. */
type Desired = { readonly role: string; readonly kvPath: string; readonly settings: Values };

/**
 * A random secret ID of an AppRole role, stored in a KV engine of the same Vault: docs/adr/0009-approle-secret-ids.md.
 * `read` looks up the stored secret ID. A secret ID that the role does not know, or no longer knows, counts as missing.
 * Vault cannot change a secret ID, so a different one replaces it.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/auth/approle#create-custom-approle-secret-id
 */
const kind: Kind = {
  name: "AppRole secret id",
  async read(reader, item) {
    const { role } = item.desired as Desired;
    const stored = await storedValue(reader, item);
    const secretId = stored?.["secret_id"];
    return typeof secretId === "string" ? await lookUp(reader.vault, role, secretId) : undefined;
  },
  async exists(reader, path) {
    const kvPath = path.replace(/\/secret_id$/, "");
    const desired: Desired = { role: "", kvPath, settings: {} };
    const stored = await storedValue(reader, { kind, path, desired, at: { file: "", line: 0, column: 0 } });
    return stored?.["secret_id"] !== undefined;
  },
  diff: (item, live) => diff((item.desired as Desired).settings, live),
  write: (vault, change) => write(vault, change),
  requiredPaths(item) {
    const { role } = item.desired as Desired;
    return ["role-id", "custom-secret-id", "secret-id/lookup", "secret-id/destroy"].map((each) => ({
      path: `${role}/${each}`,
    }));
  },
  exclusive: () => true,
};

const generatedField: FieldChange = { field: "secret_id", secret: true, note: "generated" };

function diff(settings: Values, live: Values | undefined): Difference | undefined {
  if (live === undefined) return { op: "create", fields: [generatedField, ...additions(fields, settings)] };
  const changed = differences(fields, settings, {
    ...live,
    num_uses: usesLeft(settings["num_uses"], live["num_uses"]),
  });
  return changed.length === 0 ? undefined : { op: "update", fields: [generatedField, ...changed] };
}

/** Vault counts uses down, so fewer uses than declared do not count as a difference. */
function usesLeft(declared: unknown, left: unknown): unknown {
  const isUsed = Number(declared) > 0 && Number(left) > 0 && Number(left) <= Number(declared);
  return isUsed ? declared : left;
}

/**
 * Registers the new secret ID first, so that nothing changes if Vault rejects it. Then destroys the old one and stores the
 * new one. If a run is interrupted, the next one finds no valid secret ID and creates a new one.
 */
async function write(vault: Vault, { item }: Change): Promise<void> {
  const { role, settings } = item.desired as Desired;
  const reader = uncachedReader(vault);
  await requireKvEngine(reader, item);
  const existing = await kind.read(reader, item);
  // another run wrote it since the plan
  if (existing !== undefined && kind.diff(item, existing) === undefined) return;
  const roleId = dataOf(await vault.read(vaultPath(role, "role-id")), role)?.["role_id"];
  const old = (await storedValue(reader, item))?.["secret_id"];
  const secretId = generate({ length: 43 });
  const accessor = await register(vault, role, secretId, settings);
  if (existing !== undefined) await vault.write(vaultPath(role, "secret-id/destroy"), { secret_id: old });
  await store(reader, item, { role_id: roleId, secret_id: secretId, secret_id_accessor: accessor });
}

async function register(vault: Vault, role: string, secretId: string, settings: Values): Promise<unknown> {
  const { metadata, ...others } = settings;
  const data = {
    ...others,
    secret_id: secretId,
    ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
  };
  try {
    // not retried, because Vault rejects a secret ID that is registered already
    return dataOf(await vault.write(vaultPath(role, "custom-secret-id"), data, { once: true }), role)?.[
      "secret_id_accessor"
    ];
  } catch (error) {
    const registered = error instanceof AppError ? await lookUp(vault, role, secretId) : undefined;
    if (registered === undefined) throw error;
    return registered["accessor"];
  }
}

/** Vault answers 500 if the role does not exist. */
function undefinedWithoutRole(error: unknown): undefined {
  if (error instanceof VaultError && /role .* does not exist/.test(error.errors.join())) return undefined;
  throw error;
}

/**
 * Reads a secret ID's settings, with a POST that changes nothing.
 * @returns undefined if the role does not know it, or does not exist
 */
async function lookUp(vault: Vault, role: string, secretId: string): Promise<Values | undefined> {
  const request = vault.write(vaultPath(role, "secret-id/lookup"), { secret_id: secretId });
  const data = dataOf(await request.catch(undefinedWithoutRole), role);
  if (data === undefined) return undefined;
  const { metadata, cidr_list, token_bound_cidrs, secret_id_num_uses, secret_id_ttl, secret_id_accessor } = data;
  return {
    ...{ metadata, cidr_list, token_bound_cidrs, num_uses: secret_id_num_uses },
    ...{ ttl: secret_id_ttl, accessor: secret_id_accessor },
  };
}

async function storedValue(reader: LiveReader, item: Item): Promise<Values | undefined> {
  const kvItem = await kvItemOf(reader, item, {});
  if (kvItem === undefined) return undefined;
  const stored = await kvValueKind.read(reader, kvItem);
  return stored?.["data"] as Values | undefined;
}

/** Runs before the secret ID is created, because a secret ID is useless unless it can be stored. */
async function requireKvEngine(reader: LiveReader, item: Item): Promise<void> {
  if ((await kvItemOf(reader, item, {})) !== undefined) return;
  const { kvPath } = item.desired as Desired;
  throw new RefusedError(`write ${item.kind.name} ${item.path}: no KV engine is mounted above ${kvPath}`, {
    todo: "Declare a KV engine, and name a path in it.",
  });
}

async function store(reader: LiveReader, item: Item, values: Values): Promise<void> {
  const kvItem = await kvItemOf(reader, item, values);
  if (kvItem === undefined) return await requireKvEngine(reader, item);
  const stored = await kvValueKind.read(reader, kvItem);
  const difference = kvValueKind.diff(kvItem, stored);
  if (difference?.op === "refuse") throw new RefusedError(difference.reason, { todo: difference.todo });
  if (difference !== undefined) await kvValueKind.write(reader.vault, { ...difference, item: kvItem, live: stored });
}

/** The KV value that stores the secret ID, or undefined if no KV engine is mounted there. */
async function kvItemOf(reader: LiveReader, item: Item, desired: Values): Promise<Item | undefined> {
  const place = await kvPlaceOf(reader, (item.desired as Desired).kvPath);
  return place && { ...item, kind: kvValueKind, desired: { ...place, desired } };
}

export const approleSecretIds: Section = {
  kinds: [kind],
  spec: named("KV path", "secret IDs, each by the KV path in this Vault where it is stored", spec),
  compile: (value, { prefix, within, requires = [], originOf }) =>
    Object.entries(value as Record<string, Values>).map(([kvPath, settings]): Item => {
      const desired: Desired = { role: prefix, kvPath, settings };
      return {
        kind,
        path: `${kvPath}/secret_id`,
        desired,
        requires: [...requires, `${prefix}/role-id`, ...mountsBefore(kvPath)],
        ...(within === undefined ? {} : { within }),
        at: originOf(settings),
      };
    }),
};
