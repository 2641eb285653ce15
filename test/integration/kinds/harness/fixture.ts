import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDesired } from "../../../../src/desired/load.ts";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { createLogger } from "../../../../src/logger.ts";
import { type Applied, apply } from "../../../../src/plan-apply/apply.ts";
import type { Ledger } from "../../../../src/plan-apply/ledger/ledger.ts";
import { observe, viewOf } from "../../../../src/plan-apply/observe.ts";
import { type Plan, plan } from "../../../../src/plan-apply/plan.ts";
import { troubleOf } from "../../../../src/plan-apply/troubles.ts";
import type { Vault } from "../../../../src/vault/client.ts";
import { projectDir } from "../../../cluster/paths.ts";
import { makeReady } from "../../../helpers/ready-vault.ts";
import { startVault } from "../../../helpers/vault-servers.ts";

export type ServerKind = "vault" | "bao";

/** One example of docs/examples, and what a server makes of it. */
export type KindCase = {
  /** Its file there, without .yaml; it may use no other. */
  readonly example: string;
  /** Servers that lack what it declares; applying it must end in an error that matches this, for the item at this path. */
  readonly lacks?: Partial<Record<ServerKind, { readonly path: string; readonly error: RegExp }>>;
  /** Fields that a server does not know, by path of the item: it must be named in an error; the rest is tested without it. */
  readonly unknown?: Partial<Record<ServerKind, Readonly<Record<string, readonly string[]>>>>;
  /** Paths of items that every server has from the beginning. */
  readonly exists?: readonly string[];
  /** What the example needs and cannot make: run once with a root token before it. May return other texts for texts of the example and of `alter`. */
  prepare?(vault: Vault, server: KindServer): Promise<Readonly<Record<string, string>> | undefined>;
  /**
   * How fields are altered by hand, where the harness cannot guess a value that Vault takes: by path of the item, then by
   * field. A text that begins with "not:" is the reason why the field is left alone.
   */
  readonly alter?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Fields without which a server takes no write of an object, by path of the item; others are not needed there. */
  readonly needs?: Readonly<Record<string, readonly string[]>>;
  /** Alterations by hand of what is no field: KV values, say. The plan must then show a change of `path`. */
  readonly byHand?: readonly { readonly path: string; by(vault: Vault): Promise<unknown> }[];
};

/** A server that has no such kind: the error for the item at `path` names both. */
export function lacking(server: ServerKind, path: string, kind: string): NonNullable<KindCase["lacks"]> {
  const name = server === "bao" ? "OpenBao" : "Vault";
  return { [server]: { path, error: new RegExp(`${name} \\S+ has no ${kind}`) } };
}

/** A server that is open and empty. */
export type KindServer = {
  readonly kind: ServerKind;
  readonly origin: string;
  /** Where an audit device may write. */
  readonly auditFile: string;
  /** With the root token. */
  readonly vault: Vault;
  close(): Promise<void>;
};

/** @param config further lines of the server's configuration */
export async function startKindServer(kind: ServerKind, config = ""): Promise<KindServer> {
  const audit = kind === "bao" ? "unsafe_allow_api_audit_creation = true\n" : "";
  const servers = await startVault({ kind, members: 1, config: audit + config });
  const origin = servers.addresses[0] ?? "";
  const { vault } = await makeReady(origin);
  return {
    kind,
    origin,
    auditFile: servers.auditFile,
    vault,
    async close() {
      await vault.close();
      await servers.close();
    },
  };
}

/** The items that an example means, as a user's folder with this one file would. */
export async function itemsOf(
  example: string,
  values: Readonly<Record<string, string>> = {},
): Promise<readonly Item[]> {
  const text = await readFile(join(projectDir, "docs/examples", `${example}.yaml`), "utf8");
  return parseDesired(example, new Map([[`${example}.yaml`, filled(text, values)]])).items;
}

/** The items of a configuration of one file, in YAML or JSON. */
export function itemsIn(text: string): readonly Item[] {
  return parseDesired("test", new Map([["test.yaml", text]])).items;
}

export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((so, [name, value]) => so.replaceAll(name, value), text);
}

const log = createLogger({ level: "silent", output: "json", color: false }, () => undefined);
/** Requests at once. */
export const concurrency = 8;
const exclusively = (act: () => Promise<void>) => act();

/** @param ledger none counts as lost, so that no write-only field is written to what is there */
export async function planOf(vault: Vault, items: readonly Item[], ledger?: Ledger): Promise<Plan> {
  return plan(items, await observe(viewOf(vault), items, concurrency), ledger);
}

export async function configure(
  vault: Vault,
  items: readonly Item[],
  ledger?: Ledger,
): Promise<{ plan: Plan; applied: Applied }> {
  const wanted = await planOf(vault, items, ledger);
  return { plan: wanted, applied: await apply(vault, wanted, { log, concurrency, exclusively }) };
}

/** What a plan says, short enough to be compared: one line per change, trouble or blocked object. */
export function linesOf(wanted: Plan): string[] {
  return [
    ...wanted.changes.map(
      ({ op, item, fields }) => `${op} ${item.path}: ${fields.map(({ field }) => field).join(", ")}`,
    ),
    ...troubleOf(wanted).map(({ path, error }) => `trouble ${path}: ${error.message}`),
    ...wanted.blocked.map(({ item, by }) => `blocked ${item.path} by ${by}`),
  ];
}

export function failuresIn({ failed, blocked }: Applied): string[] {
  return [
    ...failed.map(({ item, error }) => `${item.path}: ${error.message}`),
    ...blocked.map(({ item, by }) => `${item.path} waits for ${by}`),
  ];
}

export function without(item: Item, fields: readonly string[]): Item {
  return { ...item, desired: leaveOut(item.desired, fields, "") };
}

/** @param fields by name; those of a mount's tuning as `tune.max_lease_ttl` */
function leaveOut(values: Item["desired"], fields: readonly string[], prefix: string): Item["desired"] {
  const kept = Object.entries(values).filter(([name]) => !fields.includes(`${prefix}${name}`));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, name === "tune" ? leaveOut(value as Item["desired"], fields, "tune.") : value]),
  );
}
