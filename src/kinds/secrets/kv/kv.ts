import type { Item } from "../../model/kind.ts";
import { secretUsesIn } from "../../model/secret-reference.ts";
import { json, map, named, object } from "../../model/spec.ts";
import type { Values } from "../../model/values.ts";
import { engine, type Section } from "../../mount/engine.ts";
import { notOptions } from "../../mount/mount-fields.ts";
import { generateSpec } from "./generate.ts";
import { kvConfig, kvMetadata, versionIn } from "./metadata.ts";
import { kvValueKind } from "./value.ts";

const values: Section = {
  kinds: [kvValueKind],
  spec: named(
    "KV path",
    "values by path; keys that are not listed are kept",
    named("key", "values by key", {
      type: "tagged",
      describe: "a literal value, or a rule to generate one",
      key: "generate",
      tagged: object("generate it", { generate: generateSpec }),
      other: json("the value", { secret: true, ordinary: true }),
    }),
  ),
  compile: (value, context) =>
    Object.entries(value as Record<string, Values>).map(([path, desired]): Item => {
      const version = versionIn(context);
      const secrets = secretUsesIn(desired);
      return {
        kind: kvValueKind,
        path: `${context.prefix}/${displayPath(path, version)}`,
        desired: { mount: context.prefix, path, version, desired },
        ...(secrets.length === 0 ? {} : { secrets }),
        ...(context.within === undefined ? {} : { within: context.within }),
        at: context.originOf(desired),
      };
    }),
};

/** The path shown for a value. With version 2, a value named like an object of the mount is shown with its API path. */
function displayPath(path: string, version: string | undefined): string {
  return version === "2" && /^(config$|metadata\/|data\/)/.test(path) ? `data/${path}` : path;
}

/**
 * @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
 * @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v1
 */
export const kv = engine(
  "secrets",
  "kv",
  "key/value secrets, with versions (2) or without (1)",
  { config: kvConfig, metadata: kvMetadata, values },
  {
    options: map(
      '`version: "2"` keeps versions of each value, `version: "1"` only the last; Vault\'s default is 1. 1 can be upgraded to 2, but not back',
      { partial: true, keys: { version: ["1", "2"] }, elsewhere: notOptions("secrets") },
    ),
  },
);
