import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { parseDesired } from "../../../../src/desired/load.ts";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { type SecretReference, withSecretValues } from "../../../../src/kinds/model/secret-reference.ts";
import { createLogger } from "../../../../src/logger.ts";
import { type Applied, apply } from "../../../../src/plan-apply/apply.ts";
import { type Ledger, newLedger, updateLedger } from "../../../../src/plan-apply/ledger/ledger.ts";
import { cachedReader, observe } from "../../../../src/plan-apply/observe.ts";
import { type Plan, plan } from "../../../../src/plan-apply/plan.ts";
import { troublesOf } from "../../../../src/plan-apply/troubles.ts";
import { deadlineIn, until } from "../../../../src/util/deadline.ts";
import type { Vault } from "../../../../src/vault/client.ts";
import { projectDir } from "../../../cluster/paths.ts";
import { makeReady } from "../../../helpers/ready-vault.ts";
import { startVault } from "../../../helpers/vault-servers.ts";

export type ServerKind = "vault" | "bao";

/** One example of docs/examples, and how each server handles it. */
export type KindCase = {
  /** Its file name, without .yaml. The example must be complete in itself. */
  readonly example: string;
  /** Servers that do not support the example: applying it fails with this error, for the item at this path. */
  readonly unsupported?: Partial<Record<ServerKind, { readonly path: string; readonly error: RegExp }>>;
  /** Fields that a server does not support, by path of the item. An error must name each; the other tests leave them out. */
  readonly unsupportedFields?: Partial<Record<ServerKind, Readonly<Record<string, readonly string[]>>>>;
  /** Paths of items that exist on a new server. */
  readonly preexisting?: readonly string[];
  /** Prepares what the example needs, once, with a root token. @returns replacements for strings in the example and in `alter` */
  prepare?(vault: Vault, server: KindServer): Promise<Readonly<Record<string, string>> | undefined>;
  /**
   * Altered values by path of the item, then by field, if the harness cannot guess a value that Vault accepts.
   * A string that begins with "not:" gives the reason for not altering the field.
   */
  readonly alter?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Fields that every write must have, by path of the item, besides those that are required or create-only. */
  readonly requiredFields?: Readonly<Record<string, readonly string[]>>;
  /** Alterations of other things than fields, such as KV values. The plan must then show a change of `path`. */
  readonly byHand?: readonly { readonly path: string; alter(vault: Vault): Promise<unknown> }[];
};

/** A server without a kind: the error for the item at `path` names the server and the kind. */
export function unsupportedOn(server: ServerKind, path: string, kind: string): NonNullable<KindCase["unsupported"]> {
  const name = server === "bao" ? "OpenBao" : "Vault";
  return { [server]: { path, error: new RegExp(`${name} \\S+ has no ${kind}`) } };
}

/** As `unsupportedOn`, for a plugin that was built into OpenBao before 2.7.0. */
export function leftOpenBao(path: string, kind: string): NonNullable<KindCase["unsupported"]> {
  return {
    bao: {
      path,
      error: new RegExp(`OpenBao \\S+ has no ${kind}: the \\w+ plugin \\w+ is not built into OpenBao since 2\\.7\\.0$`),
    },
  };
}

/** An unsealed, empty server. */
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
  await until("a write to succeed", deadlineIn(30_000), () => write(vault));
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

/** OpenBao may refuse the first write after it has become active ("failed to update audit table"). Creates a token for a second. */
async function write(vault: Vault): Promise<true | undefined> {
  const created = vault.write("auth/token/create", { ttl: "1s", policies: ["default"] });
  return await created.then(
    () => true,
    () => undefined,
  );
}

/** Starts a server before the tests of a `describe`, and stops it after them. Its fields can be read in tests and hooks alone. */
export function useKindServer(kind: ServerKind, config?: string): Omit<KindServer, "close"> {
  let server: KindServer | undefined;
  const started = () => {
    if (server === undefined) throw new Error(`${kind} has not started yet`);
    return server;
  };
  beforeAll(async () => {
    server = await startKindServer(kind, config);
  });
  afterAll(() => server?.close());
  return {
    kind,
    get origin() {
      return started().origin;
    },
    get auditFile() {
      return started().auditFile;
    },
    get vault() {
      return started().vault;
    },
  };
}

/** The items of an example, loaded as a folder with this one file. */
export async function itemsOf(
  example: string,
  values: Readonly<Record<string, string>> = {},
): Promise<readonly Item[]> {
  const text = await readFile(join(projectDir, "docs/examples", `${example}.yaml`), "utf8");
  return parseDesired(example, new Map([[`${example}.yaml`, replaceAll(text, values)]])).items.map(withValues);
}

/** Values of Secrets that servers do not take as any text; every other value is "initial". */
const secretValues: Readonly<Record<string, string>> = {
  "registrar/totp-key": "JBSWY3DPEHPK3PXP",
  "wiki/otpauth-url": "otpauth://totp/Wiki:ops@example.org?secret=JBSWY3DPEHPK3PXP&issuer=Wiki",
  "ping/settings": settingsOfPing(),
};

function settingsOfPing(): string {
  const settings = {
    ...{ use_base64_key: "YWJj", use_signature: "true", token: "t", org_alias: "o" },
    idp_url: "https://idp.example.org",
    admin_url: "https://admin.example.org",
    authenticator_url: "https://auth.example.org",
  };
  return btoa(
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(""),
  );
}

/** The tests of kinds have no Kubernetes, so the values of Secrets are here. */
function withValues({ secrets, ...item }: Item): Item {
  if (secrets === undefined) return item;
  const valueFor = ({ name, key }: SecretReference) => secretValues[`${name}/${key}`] ?? "initial";
  return { ...item, desired: withSecretValues(item.desired, valueFor) };
}

/** The items of a configuration of one file, in YAML or JSON. */
export function itemsIn(text: string): readonly Item[] {
  return parseDesired("test", new Map([["test.yaml", text]])).items;
}

export function replaceAll(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((result, [from, to]) => result.replaceAll(from, to), text);
}

const log = createLogger({ level: "silent", output: "json", color: false }, () => undefined);
/** Concurrent requests. */
export const concurrency = 8;
const exclusively = (write: () => Promise<void>) => write();

/** @param ledger if undefined it counts as lost, so that write-only fields of existing objects are not written */
export async function planOf(vault: Vault, items: readonly Item[], ledger?: Ledger): Promise<Plan> {
  return plan(items, await observe(cachedReader(vault), items, concurrency), ledger);
}

export async function configure(
  vault: Vault,
  items: readonly Item[],
  ledger?: Ledger,
): Promise<{ plan: Plan; applied: Applied }> {
  const planned = await planOf(vault, items, ledger);
  return { plan: planned, applied: await apply(vault, planned, { log, concurrency, exclusively }) };
}

/** A ledger in which the items are recorded as created. */
export function ledgerOf(items: readonly Item[]): Ledger {
  const empty = newLedger("the cluster");
  return updateLedger(
    empty,
    empty,
    items.map((item) => ({ item, op: "create" })),
  );
}

/** A plan as one line per change, trouble or blocked object. */
export function linesOf(planned: Plan): string[] {
  return [
    ...planned.changes.map(
      ({ op, item, fields }) => `${op} ${item.path}: ${fields.map(({ field }) => field).join(", ")}`,
    ),
    ...troublesOf(planned).map(({ path, error }) => `trouble ${path}: ${error.message}`),
    ...planned.blocked.map(({ item, by }) => `blocked ${item.path} by ${by}`),
  ];
}

export function failuresIn({ failed, blocked }: Applied): string[] {
  return [
    ...failed.map(({ item, error }) => `${item.path}: ${error.message}`),
    ...blocked.map(({ item, by }) => `${item.path} waits for ${by}`),
  ];
}

/** The item without the given fields. A field of a mount's tune is named `tune.max_lease_ttl`. */
export function without(item: Item, fields: readonly string[]): Item {
  return { ...item, desired: omit(item.desired, fields, "") };
}

function omit(values: Item["desired"], fields: readonly string[], prefix: string): Item["desired"] {
  const kept = Object.entries(values).filter(([name]) => !fields.includes(`${prefix}${name}`));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, name === "tune" ? omit(value as Item["desired"], fields, "tune.") : value]),
  );
}
