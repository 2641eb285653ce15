import { type Endpoint, endpointKind } from "../../model/endpoint.ts";
import type { SectionContext } from "../../model/item.ts";
import { type Item, type Kind, uncachedReader } from "../../model/kind.ts";
import { collection, type Section, single } from "../../model/section.ts";
import { bool, duration, int, map, object } from "../../model/spec.ts";
import { whileUpgrading } from "../../mount/kv-upgrade.ts";
import { mountAround } from "../../mount/mount.ts";

const versions = {
  max_versions: int("number of versions to keep; 0 is the mount's or Vault's default", { min: 0 }),
  cas_required: bool("writes require check-and-set"),
  delete_version_after: duration("how long a version is kept; 0 is forever"),
  metadata_cas_required: bool("metadata writes require check-and-set (OpenBao)"),
};

const config: Endpoint = {
  kind: "KV config",
  path: "config",
  spec: object("settings for all keys of the mount; for version 2", versions),
};

const metadata: Endpoint = {
  kind: "KV metadata",
  path: "metadata",
  after: () => ["config"],
  spec: object("metadata of one path; for version 2", {
    ...versions,
    custom_metadata: map("custom metadata; keys that are not listed are removed"),
  }),
};

const configKind = retriedWhileUpgrading(endpointKind(config));
const metadataKind = retriedWhileUpgrading(endpointKind(metadata));

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#configure-the-kv-engine */
export const kvConfig = forVersion2(single(config, configKind));
/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#create-update-metadata */
export const kvMetadata = forVersion2(collection("KV path", metadataKind, metadata));

/** The same kind, which waits for a mount that is being upgraded. Reads are not cached, so that each retry sends a request. */
function retriedWhileUpgrading(kind: Kind): Kind {
  return {
    ...kind,
    read: ({ vault }, item) => whileUpgrading(vault, mountAround(item), () => kind.read(uncachedReader(vault), item)),
    write: (vault, change) => whileUpgrading(vault, mountAround(change.item), () => kind.write(vault, change)),
  };
}

/** Refuses items of version 1, because these paths are values there, and a write would store one. */
function forVersion2(section: Section): Section {
  return {
    ...section,
    compile: (value, context) =>
      section.compile(value, context).map((item) => (versionIn(context) === "2" ? item : refused(item))),
  };
}

/** The declared version of the mount. */
export function versionIn({ values }: SectionContext): string | undefined {
  return (values["options"] as { version?: string } | undefined)?.version;
}

function refused(item: Item): Item {
  const kind: Kind = {
    ...item.kind,
    read: async () => undefined,
    diff: () => ({
      op: "refuse",
      reason: `${item.kind.name} ${item.path}: its mount is not declared with version 2, and version 1 has no ${item.kind.name}`,
      todo: `Declare \`options: { version: "2" }\` for the mount, or remove the ${item.kind.name}.`,
    }),
  };
  return { ...item, kind };
}
