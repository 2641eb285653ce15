import type { Cluster } from "../connect/connection.ts";
import { AppError, DeniedError, NotReadyError, RefusedError } from "../errors.ts";
import type { Field } from "../kinds/model/fields/field.ts";
import type { Item } from "../kinds/model/kind.ts";
import { type SecretReference, type SecretUse, withSecretValues } from "../kinds/model/secret-reference.ts";
import { isField } from "../kinds/model/spec.ts";
import type { Secret } from "../kube/kube.ts";
import { secret as register } from "../redact.ts";
import { mapParallel } from "../util/parallel.ts";
import { exitCodeOf } from "./exit-code.ts";

/** By name: each Secret that a configuration names, as it was read; undefined if it does not exist; or why it could not be read. */
export type SecretsRead = ReadonlyMap<string, Secret | AppError | undefined>;

/** A reference whose Secret has no usable value. */
type SecretFailure = { readonly item: Item; readonly use: SecretUse; readonly error: AppError };

/**
 * Reads each Secret that the items name, once, from Vault's namespace. Registers the values for redaction, and warns of those that end
 * with a line break.
 */
export async function readSecrets({ kube, run }: Cluster, items: readonly Item[]): Promise<SecretsRead> {
  const { namespace, concurrency } = run.settings;
  const uses = items.flatMap(({ secrets = [] }) => secrets);
  const names = [...new Set(uses.map(({ from }) => from.name))].sort();
  const found = new Map<string, Secret | AppError | undefined>();
  await mapParallel(names, concurrency, async (name) => {
    const secret = await kube.secret(namespace, name).catch((error: unknown) => {
      if (error instanceof AppError) return error;
      throw error;
    });
    found.set(name, secret);
  });
  // other programs may repeat a value without the white space around it
  for (const { from } of uses) register((valueIn(found, from) ?? "").trim());
  for (const { name, key } of endingWithLineBreak(found, uses)) {
    const where = `key ${key} of Secret ${name} in namespace ${namespace}`;
    run.log.warn(
      { where },
      "a value ends with a line break, which Vault gets too; to store it without one, use `printf %s`",
    );
  }
  return found;
}

/** Values of one line with a line break at the end, each once. In a text of several lines, such as a certificate, it is usual. */
function endingWithLineBreak(found: SecretsRead, uses: readonly SecretUse[]): SecretReference[] {
  const references = new Map(uses.map(({ from }) => [`${from.name} ${from.key}`, from]));
  return [...references.values()].filter((reference) => {
    const value = valueIn(found, reference);
    return value !== undefined && /^[^\r\n]+\r?\n$/.test(value);
  });
}

function valueIn(found: SecretsRead, { name, key }: SecretReference): string | undefined {
  const secret = found.get(name);
  if (secret === undefined || secret instanceof AppError || !Object.hasOwn(secret.data, key)) return undefined;
  return secret.data[key];
}

/**
 * Puts the values of Secrets into the objects that name them. Pure.
 *
 * @param namespace for errors
 * @returns the same objects; a value with a failure stays a reference
 */
export function resolveSecrets(
  items: readonly Item[],
  found: SecretsRead,
  namespace: string,
): { items: readonly Item[]; failures: SecretFailure[] } {
  const failures: SecretFailure[] = [];
  const resolved = items.map((item) => {
    if (item.secrets === undefined) return item;
    const failed = item.secrets.flatMap((use) => {
      const error = failureOf(found, item, use, namespace);
      return error === undefined ? [] : [{ item, use, error }];
    });
    failures.push(...failed);
    const missing = new Set(failed.map(({ use }) => use.from));
    const valueFor = (reference: SecretReference) =>
      missing.has(reference) ? reference : (valueIn(found, reference) ?? reference);
    return { ...item, desired: withSecretValues(item.desired, valueFor) };
  });
  return { items: resolved, failures };
}

function failureOf(found: SecretsRead, item: Item, { path, from }: SecretUse, namespace: string): AppError | undefined {
  const secret = found.get(from.name);
  const where = `Secret ${from.name} in namespace ${namespace}`;
  if (secret instanceof DeniedError) return denied(secret, from.name);
  if (secret instanceof AppError) return secret;
  const todo = (what: string) =>
    `Create ${what}, or correct the name in the configuration. If an operator creates it, wait and run this again.`;
  if (secret === undefined) return new NotReadyError(`${where} does not exist`, { todo: todo("the Secret") });
  const value = valueIn(found, from);
  if (value === undefined) return new NotReadyError(`${where} has no key ${from.key}`, { todo: todo("the key") });
  const fault = faultOf(value, path.length === 1 ? fieldAt(item, path[0]) : undefined);
  if (fault === undefined) return undefined;
  return new RefusedError(`key ${from.key} of ${where} ${fault.found}`, { todo: fault.todo });
}

function denied(error: DeniedError, name: string): DeniedError {
  // quotas, admission rules and expired credentials deny too, but only RBAC names the user
  if (!/\bUser "[^"]+" cannot\b/.test(error.message)) return error;
  const rule = `{ apiGroups: [""], resources: [secrets], verbs: [get], resourceNames: [${name}] }`;
  const inGit = `In Git that is one line, "- ${name}", in hooks/secrets/role.yaml; in a Role of your own, the rule ${rule}.`;
  return new DeniedError(error.message, { todo: error.todo === undefined ? inGit : `${error.todo} ${inGit}` });
}

function fieldAt({ kind }: Item, name = ""): Field | undefined {
  const spec = kind.fields?.[name];
  return spec !== undefined && isField(spec) ? spec : undefined;
}

/** A value that can hardly be meant, and that Vault would take. */
function faultOf(value: string, field: Field | undefined): { found: string; todo: string } | undefined {
  if (value.trim() === "") {
    const todo = 'Put the value into the Secret. If the empty value is meant, write "" into the configuration.';
    return { found: value === "" ? "is empty" : "is only white space", todo };
  }
  if (value.includes("\ufffd")) {
    return {
      found: "is not valid UTF-8",
      todo: "Store a base64 string: Vault's API accepts bytes only in that form.",
    };
  }
  const rule = field?.type.passwordRule;
  if (rule?.hasPassword(value)) return { found: "has a password in a URL", todo: `Store ${rule.expected}.` };
  return undefined;
}

/**
 * One error for all values that are missing, so that a person can bring all of them at once.
 *
 * @returns undefined if there are none; the error with the most severe exit code
 */
export function missingSecrets(failures: readonly SecretFailure[]): AppError | undefined {
  const [first] = failures;
  if (first === undefined) return undefined;
  const byMessage = Map.groupBy(failures, ({ error }) => error.message);
  const lines = [...byMessage].map(([message, same]) => `${message} (${same.map(needOf).join(", ")})`);
  const todos = new Set(failures.flatMap(({ error }) => error.todo ?? []));
  const code = exitCodeOf(failures.map(({ item, error }) => ({ kind: item.kind.name, path: item.path, error })));
  const Worst = (failures.find(({ error }) => error.exitCode === code) ?? first).error
    .constructor as typeof NotReadyError;
  return new Worst(lines.join("\n"), { todo: `${[...todos].join("\n")}\nNo object of the configuration was written.` });
}

/** "password of database connection db/config/shop" */
function needOf({ item, use }: SecretFailure): string {
  return `${use.path.join(".")} of ${item.kind.name} ${item.path}`;
}
