import { RefusedError } from "../../../errors.ts";
import type { Vault } from "../../../vault/client.ts";
import { vaultPath } from "../../../vault/path.ts";
import { diffFields, fieldsOf } from "../../model/endpoint.ts";
import { itemOf } from "../../model/item.ts";
import {
  type Change,
  type Difference,
  dataOf,
  type Item,
  type Kind,
  type LiveReader,
  uncachedReader,
  valuesOf,
} from "../../model/kind.ts";
import type { Section } from "../../model/section.ts";
import { apiPath, type ObjectSpec, object, string } from "../../model/spec.ts";
import type { Values } from "../../model/values.ts";
import { withCertificateFields } from "./certificate.ts";
import { pkiAuthorityFields, pkiIssuerSpec } from "./fields.ts";
import { createIntermediate } from "./intermediate.ts";

const rootSpec = object("a root CA; created once if the mount has no CA, and never replaced", pkiAuthorityFields);
const intermediateSpec = object(
  "an intermediate CA, signed by another mount; created once if the mount has no CA, and never replaced",
  {
    parent: apiPath("path of the parent CA's mount", {
      required: true,
      writeOnly: true,
      createOnly: true,
      literal: true,
    }),
    // a part of the path that signs, which errors show
    parent_issuer: apiPath("issuer in that mount, by name or ID; unset: its default issuer", {
      writeOnly: true,
      createOnly: true,
      literal: true,
    }),
    ...pkiAuthorityFields,
    // errors show it
    key_name: string("name of the key; an existing key of that name is reused; unset: vault-hooks-TYPE-SIZE", {
      writeOnly: true,
      createOnly: true,
      literal: true,
    }),
  },
);

/** @see https://developer.hashicorp.com/vault/api-docs/secret/pki#generate-root */
export const root = authority("root", "PKI root", rootSpec, createRoot, () => []);

/** @see https://developer.hashicorp.com/vault/api-docs/secret/pki#generate-intermediate-csr */
export const intermediate = authority(
  "intermediate",
  "PKI intermediate",
  intermediateSpec,
  createIntermediate,
  (values) => {
    const parent = String(values["parent"]);
    return [`sys/mounts/${parent}`, ...["root", "intermediate", "config/urls"].map((path) => `${parent}/${path}`)];
  },
);

type CreateAuthority = (vault: Vault, mount: string, desired: Values) => Promise<void>;

function authority(
  path: string,
  name: string,
  spec: ObjectSpec,
  create: CreateAuthority,
  after: (values: Values) => string[],
): Section {
  const fields = fieldsOf(spec);
  const kind: Kind = {
    name,
    fields,
    read: readAuthority,
    diff: (item, live) => refuseOtherIssuer(name, item, live) ?? diffFields(name, fields, item, live),
    write: (vault, change) => writeAuthority(vault, name, create, change),
    requiredPaths: (item) => [{ path: `${mountOf(item)}/${path}/generate/internal`, sudo: true }],
    exclusive: () => true,
  };
  return {
    kinds: [kind],
    spec,
    compile: (value, context) => {
      const requires = [...(context.requires ?? []), ...after(value as Values)];
      return [itemOf(kind, spec, path, value as Values, { ...context, requires })];
    },
  };
}

function mountOf({ path }: Item): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** The mount's CA: the issuer with the declared name, else the default issuer, else any issuer with a key. */
async function readAuthority(reader: LiveReader, item: Item): Promise<Values | undefined> {
  const mount = mountOf(item);
  const path = vaultPath(mount, "issuers");
  const infos = dataOf(await reader.once(`${path}?list=true`), path)?.["key_info"];
  const issuers = Object.entries((infos ?? {}) as Record<string, Values>).filter(([, { key_id }]) => key_id);
  const name = item.desired["issuer_name"];
  const chosen =
    issuers.find(([, info]) => name !== undefined && info["issuer_name"] === name) ??
    issuers.find(([, info]) => info["is_default"] === true) ??
    issuers[0];
  if (chosen === undefined) return undefined;
  const issuer = vaultPath(mount, "issuer", chosen[0]);
  return withCertificateFields(valuesOf(dataOf(await reader.once(issuer), issuer), issuer));
}

/** Refuses an issuer with a different name, because it is a different CA. An unnamed issuer gets the declared name. */
function refuseOtherIssuer(name: string, item: Item, live: Values | undefined): Difference | undefined {
  const declared = item.desired["issuer_name"];
  const current = live?.["issuer_name"];
  if (live === undefined || declared === undefined || current === "" || declared === current) return undefined;
  return {
    op: "refuse",
    reason: `${name} ${item.path}: the mount already has a CA, with issuer_name ${current} and not ${declared}`,
    todo: "Declare the name that Vault has, or declare the new CA in a different mount; a CA is never replaced.",
  };
}

async function writeAuthority(
  vault: Vault,
  name: string,
  create: CreateAuthority,
  { op, item, live }: Change,
): Promise<void> {
  const mount = mountOf(item);
  if (op === "update") {
    const kept = Object.entries(live ?? {}).filter(([field]) => Object.hasOwn(pkiIssuerSpec.fields, field));
    const issuer = vaultPath(mount, "issuer", String(live?.["issuer_id"]));
    await vault.write(issuer, { ...Object.fromEntries(kept), issuer_name: item.desired["issuer_name"] });
    return;
  }
  if ((await readAuthority(uncachedReader(vault), item)) !== undefined) {
    throw new RefusedError(`create ${name} ${item.path}: the mount already has a CA, created since the plan`, {
      todo: "Run configure again to compare it with the declared CA; a CA is never replaced.",
    });
  }
  await create(vault, mount, item.desired);
}

/** Not retried: if the response was lost, a retry would create a second CA. */
async function createRoot(vault: Vault, mount: string, desired: Values): Promise<void> {
  const { type = "internal", ...fields } = desired;
  await vault.write(vaultPath(mount, "root/generate", String(type)), fields, { once: true });
}
