import { AppError, RefusedError } from "../../errors.ts";
import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import { additions, differences, type FieldChange, type Values } from "../model/compare.ts";
import { fieldsOf } from "../model/endpoint.ts";
import { type Change, type Difference, dataOf, type Item, type Kind, type Live, unbuffered } from "../model/kind.ts";
import type { Section } from "../model/section.ts";
import { duration, int, list, map, named, object } from "../model/spec.ts";
import { mountsOf } from "../mount/mount.ts";
import { mountsBefore } from "../mount/possible-mounts.ts";
import { generate } from "../secrets/kv/generate.ts";
import { kvValueKind } from "../secrets/kv/value.ts";

const spec = object("a secret id, which vault-hooks makes and keeps there with its role id", {
  metadata: map("what tokens and the audit log tell of it"),
  cidr_list: list("addresses that it may log in from", { cidr: true }),
  token_bound_cidrs: list("addresses that its tokens may be used from", { cidr: true }),
  num_uses: int("how often it may be used; 0 is without limit", { min: 0 }),
  ttl: duration("how long it lives; 0 is for ever. The next run after its end makes another"),
});
const fields = fieldsOf(spec);

/** `role` is the role's path, `keptIn` the KV path with its mount. */
type Wanted = { readonly role: string; readonly keptIn: string; readonly settings: Values };

/**
 * A secret id of an AppRole role, made by chance and kept in this very Vault: docs/adr/0009-approle-secret-ids.md.
 * It is read through the place that it is kept in: what is kept there and is not, or no longer, known to the role counts as
 * missing. One that should differ is replaced, since Vault cannot change it.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/auth/approle#create-custom-approle-secret-id
 */
const kind: Kind = {
  name: "AppRole secret id",
  async read(live, item) {
    const { role } = item.desired as Wanted;
    const kept = await keptValue(live, item);
    const secretId = kept?.["secret_id"];
    return typeof secretId === "string" ? await lookUp(live.vault, role, secretId) : undefined;
  },
  diff: (item, live) => diff((item.desired as Wanted).settings, live),
  write: (vault, change) => write(vault, change),
  requiredPaths(item) {
    const { role } = item.desired as Wanted;
    return ["role-id", "custom-secret-id", "secret-id/lookup", "secret-id/destroy"].map((each) => ({
      path: `${role}/${each}`,
    }));
  },
  exclusive: () => true,
};

const made: FieldChange = { field: "secret_id", secret: true, note: "generated" };

function diff(settings: Values, live: Values | undefined): Difference | undefined {
  if (live === undefined) return { op: "create", fields: [made, ...additions(fields, settings)] };
  const changed = differences(fields, settings, {
    ...live,
    num_uses: usesLeft(settings["num_uses"], live["num_uses"]),
  });
  return changed.length === 0 ? undefined : { op: "update", fields: [made, ...changed] };
}

/** Vault counts down: fewer than declared are as declared. */
function usesLeft(declared: unknown, left: unknown): unknown {
  const isUsed = Number(declared) > 0 && Number(left) > 0 && Number(left) <= Number(declared);
  return isUsed ? declared : left;
}

/**
 * The new one is made known first: where Vault refuses it, all stays as it was. Then the old one ends, and last the new one is
 * kept: cut off anywhere, the next run finds no valid one and makes another.
 */
async function write(vault: Vault, { item }: Change): Promise<void> {
  const { role, settings } = item.desired as Wanted;
  const live = unbuffered(vault);
  await seePlace(live, item);
  const held = await kind.read(live, item);
  // another run was faster
  if (held !== undefined && kind.diff(item, held) === undefined) return;
  const roleId = dataOf(await vault.read(vaultPath(role, "role-id")), role)?.["role_id"];
  const old = (await keptValue(live, item))?.["secret_id"];
  const secretId = generate({ length: 43 });
  const accessor = await register(vault, role, secretId, settings);
  if (held !== undefined) await vault.write(vaultPath(role, "secret-id/destroy"), { secret_id: old });
  await keep(live, item, { role_id: roleId, secret_id: secretId, secret_id_accessor: accessor });
}

async function register(vault: Vault, role: string, secretId: string, settings: Values): Promise<unknown> {
  const { metadata, ...others } = settings;
  const data = {
    ...others,
    secret_id: secretId,
    ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
  };
  try {
    // never twice: the second would be refused, since the id is taken
    return dataOf(await vault.write(vaultPath(role, "custom-secret-id"), data, { once: true }), role)?.[
      "secret_id_accessor"
    ];
  } catch (error) {
    const held = error instanceof AppError ? await lookUp(vault, role, secretId) : undefined;
    if (held === undefined) throw error;
    return held["accessor"];
  }
}

/** A POST that changes nothing. A secret id that the role does not know is answered by nothing. */
async function lookUp(vault: Vault, role: string, secretId: string): Promise<Values | undefined> {
  const data = dataOf(await vault.write(vaultPath(role, "secret-id/lookup"), { secret_id: secretId }), role);
  if (data === undefined) return undefined;
  const { metadata, cidr_list, token_bound_cidrs, secret_id_num_uses, secret_id_ttl, secret_id_accessor } = data;
  return {
    ...{ metadata, cidr_list, token_bound_cidrs, num_uses: secret_id_num_uses },
    ...{ ttl: secret_id_ttl, accessor: secret_id_accessor },
  };
}

async function keptValue(live: Live, item: Item): Promise<Values | undefined> {
  const place = await placeOf(live, item, {});
  if (place === undefined) return undefined;
  const held = await kvValueKind.read(live, place);
  return held?.["data"] as Values | undefined;
}

/** Before anything is made: what cannot be kept is of no use. */
async function seePlace(live: Live, item: Item): Promise<void> {
  if ((await placeOf(live, item, {})) !== undefined) return;
  const { keptIn } = item.desired as Wanted;
  throw new RefusedError(`write ${item.path}: no KV engine is mounted above ${keptIn}`, {
    todo: "Name a path in a KV engine of this Vault, and declare the engine.",
  });
}

async function keep(live: Live, item: Item, values: Values): Promise<void> {
  const place = await placeOf(live, item, values);
  if (place === undefined) return await seePlace(live, item);
  const held = await kvValueKind.read(live, place);
  const difference = kvValueKind.diff(place, held);
  if (difference?.op === "refuse") throw new RefusedError(difference.reason, { todo: difference.todo });
  if (difference !== undefined) await kvValueKind.write(live.vault, { ...difference, item: place, live: held });
}

/** The KV value that it is kept as; undefined where no KV engine is mounted there. */
async function placeOf(live: Live, item: Item, desired: Values): Promise<Item | undefined> {
  const { keptIn } = item.desired as Wanted;
  const mounts = await mountsOf(live, "secrets");
  const isKv = (name: string) => (mounts[`${name}/`] as Values | undefined)?.["type"] === "kv";
  const mount = mountsBefore(keptIn)
    .map((path) => path.slice("sys/mounts/".length))
    .findLast((name) => name !== keptIn && isKv(name));
  if (mount === undefined) return undefined;
  return { ...item, kind: kvValueKind, desired: { mount, path: keptIn.slice(mount.length + 1), desired } };
}

export const approleSecretIds: Section = {
  kinds: [kind],
  spec: named("place", "secret ids, each by the path in a KV engine of this Vault where it is kept", spec),
  compile: (value, { prefix, within, requires = [], originOf }) =>
    Object.entries(value as Record<string, Values>).map(([keptIn, settings]): Item => {
      const desired: Wanted = { role: prefix, keptIn, settings };
      return {
        kind,
        path: `${keptIn}/secret_id`,
        desired,
        requires: [...requires, `${prefix}/role-id`, ...mountsBefore(keptIn)],
        ...(within === undefined ? {} : { within }),
        at: originOf(settings),
      };
    }),
};
