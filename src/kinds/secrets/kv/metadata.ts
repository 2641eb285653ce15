import { type Endpoint, endpointKind } from "../../model/endpoint.ts";
import { type Item, type Kind, unbuffered } from "../../model/kind.ts";
import { collection, type Section, type SectionContext, single } from "../../model/section.ts";
import { bool, duration, int, map, object } from "../../model/spec.ts";
import { whileUpgrading } from "../../mount/kv-upgrade.ts";
import { mountAround } from "../../mount/mount.ts";

const versions = {
  max_versions: int("how many versions are kept; 0 is the mount's or Vault's own number", { min: 0 }),
  cas_required: bool("a write must name the version that it follows"),
  delete_version_after: duration("how long a version is kept; 0 is for ever"),
  metadata_cas_required: bool("so must a write of metadata (OpenBao)"),
};

const config: Endpoint = {
  kind: "KV config",
  path: "config",
  spec: object("how many versions are kept, and how they are written; for version 2", versions),
};

const metadata: Endpoint = {
  kind: "KV metadata",
  path: "metadata",
  after: () => ["config"],
  spec: object("what holds for all versions of one path; for version 2", {
    ...versions,
    custom_metadata: map("texts of your own; those that are not listed are removed"),
  }),
};

const configKind = patient(endpointKind(config));
const metadataKind = patient(endpointKind(metadata));

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#configure-the-kv-engine */
export const kvConfig = forVersion2(single(config, configKind));
/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#create-update-metadata */
export const kvMetadata = forVersion2(collection("KV path", metadataKind, metadata));

/** As the kind, but waits for a mount that is not ready; so it asks anew each time, and not for an answer that is known. */
function patient(kind: Kind): Kind {
  return {
    ...kind,
    read: ({ vault }, item) => whileUpgrading(vault, mountAround(item), () => kind.read(unbuffered(vault), item)),
    write: (vault, change) => whileUpgrading(vault, mountAround(change.item), () => kind.write(vault, change)),
  };
}

/** Without versions these paths are those of values: a write there would store one. */
function forVersion2(part: Section): Section {
  return {
    ...part,
    compile: (value, place) =>
      part.compile(value, place).map((item) => (versionIn(place) === "2" ? item : refused(item))),
  };
}

/** The version that the mount is declared with. */
export function versionIn({ values }: SectionContext): string | undefined {
  return (values["options"] as { version?: string } | undefined)?.version;
}

function refused(item: Item): Item {
  const kind: Kind = {
    ...item.kind,
    read: async () => undefined,
    diff: () => ({
      op: "refuse",
      reason: `${item.kind.name} ${item.path}: its mount is not declared with version 2, and version 1 has none`,
      todo: 'Give the mount `options: { version: "2" }`, or leave it out.',
    }),
  };
  return { ...item, kind };
}
