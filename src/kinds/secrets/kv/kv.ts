import type { Values } from "../../model/compare.ts";
import type { Item } from "../../model/kind.ts";
import { json, map, named, object } from "../../model/spec.ts";
import { engine, type Section } from "../../mount/engine.ts";
import { generateSpec } from "./generate.ts";
import { kvConfig, kvMetadata, versionIn } from "./metadata.ts";
import { kvValueKind } from "./value.ts";

const values: Section = {
  kinds: [kvValueKind],
  spec: named(
    "KV path",
    "values by path; keys that are not listed stay as they are",
    named("key", "values by key", {
      type: "tagged",
      describe: "a literal, or how to make one",
      key: "generate",
      tagged: object("make it", { generate: generateSpec }),
      other: json("the value", { secret: true, ordinary: true }),
    }),
  ),
  compile: (value, place) =>
    Object.entries(value as Record<string, Values>).map(([path, desired]): Item => {
      const version = versionIn(place);
      return {
        kind: kvValueKind,
        path: `${place.prefix}/${shown(path, version)}`,
        desired: { mount: place.prefix, path, version, desired },
        ...(place.within === undefined ? {} : { within: place.within }),
        at: place.originOf(desired),
      };
    }),
};

/** With version 2 some names are those of the mount's own objects; a value of such a name shows by its path in the API. */
function shown(path: string, version: string | undefined): string {
  return version === "2" && /^(config$|metadata\/|data\/)/.test(path) ? `data/${path}` : path;
}

/**
 * @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
 * @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v1
 */
export const kv = engine(
  "secrets",
  "kv",
  "values by path, with versions (2) or without (1)",
  { config: kvConfig, metadata: kvMetadata, values },
  {
    options: map(
      '`version: "2"` keeps versions of each value, `version: "1"` only the last; Vault\'s default is 1. 1 can become 2, and never 1 again',
      { partial: true, keys: { version: ["1", "2"] } },
    ),
  },
);
