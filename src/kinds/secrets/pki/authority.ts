import { RefusedError } from "../../../errors.ts";
import type { Vault } from "../../../vault/client.ts";
import { vaultPath } from "../../../vault/path.ts";
import type { Values } from "../../model/compare.ts";
import { diffFields, fieldsOf } from "../../model/endpoint.ts";
import {
  type Change,
  type Difference,
  dataOf,
  type Item,
  type Kind,
  type Live,
  unbuffered,
  valuesOf,
} from "../../model/kind.ts";
import { itemOf, type Section } from "../../model/section.ts";
import { type ObjectSpec, object, string } from "../../model/spec.ts";
import { told } from "./certificate.ts";
import { pkiAuthorityFields, pkiIssuerSpec } from "./fields.ts";
import { makeIntermediate } from "./intermediate.ts";

const rootSpec = object("a root CA, made once where the mount has no CA, and never replaced", pkiAuthorityFields);
const intermediateSpec = object(
  "a CA signed by another mount, made once where the mount has none, and never replaced",
  {
    parent: string("path of the mount that signs it", { required: true, writeOnly: true, createOnly: true }),
    parent_issuer: string("the issuer there, by name or id; unset: its default", { writeOnly: true, createOnly: true }),
    ...pkiAuthorityFields,
    key_name: string("name of the key, which is taken up if there is one; unset: vault-hooks-TYPE-SIZE", {
      writeOnly: true,
      createOnly: true,
    }),
  },
);

/** @see https://developer.hashicorp.com/vault/api-docs/secret/pki#generate-root */
export const root = authority("root", "PKI root", rootSpec, makeRoot, () => []);

/** @see https://developer.hashicorp.com/vault/api-docs/secret/pki#generate-intermediate-csr */
export const intermediate = authority(
  "intermediate",
  "PKI intermediate",
  intermediateSpec,
  makeIntermediate,
  (values) => {
    const parent = String(values["parent"]);
    return [`sys/mounts/${parent}`, ...["root", "intermediate", "config/urls"].map((path) => `${parent}/${path}`)];
  },
);

type Make = (vault: Vault, mount: string, desired: Values) => Promise<void>;

function authority(
  path: string,
  name: string,
  spec: ObjectSpec,
  make: Make,
  after: (values: Values) => string[],
): Section {
  const fields = fieldsOf(spec);
  const kind: Kind = {
    name,
    fields,
    read: readAuthority,
    diff: (item, live) => refuseOther(name, item, live) ?? diffFields(name, fields, item, live),
    write: (vault, change) => writeAuthority(vault, name, make, change),
    requiredPaths: (item) => [{ path: `${mountOf(item)}/${path}/generate/internal`, sudo: true }],
    exclusive: () => true,
  };
  return {
    kinds: [kind],
    spec,
    compile: (value, place) => {
      const requires = [...(place.requires ?? []), ...after(value as Values)];
      return [itemOf(kind, spec, path, value as Values, { ...place, requires })];
    },
  };
}

function mountOf({ path }: Item): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** The mount's CA: the issuer of the name that is declared, else the default one, else any that has a key. */
async function readAuthority(live: Live, item: Item): Promise<Values | undefined> {
  const mount = mountOf(item);
  const path = vaultPath(mount, "issuers");
  const infos = dataOf(await live.once(`${path}?list=true`), path)?.["key_info"];
  const issuers = Object.entries((infos ?? {}) as Record<string, Values>).filter(([, { key_id }]) => key_id);
  const name = item.desired["issuer_name"];
  const chosen =
    issuers.find(([, info]) => name !== undefined && info["issuer_name"] === name) ??
    issuers.find(([, info]) => info["is_default"] === true) ??
    issuers[0];
  if (chosen === undefined) return undefined;
  const issuer = vaultPath(mount, "issuer", chosen[0]);
  return told(valuesOf(dataOf(await live.once(issuer), issuer), issuer));
}

/** An issuer may get a name that has none; one of another name is another CA. */
function refuseOther(name: string, item: Item, live: Values | undefined): Difference | undefined {
  const wanted = item.desired["issuer_name"];
  const held = live?.["issuer_name"];
  if (live === undefined || wanted === undefined || held === "" || wanted === held) return undefined;
  return {
    op: "refuse",
    reason: `${name} ${item.path}: the mount has a CA already, whose issuer is called ${held} and not ${wanted}`,
    todo: "Give the living name, or declare the new CA in a mount of its own; a CA is never replaced.",
  };
}

async function writeAuthority(vault: Vault, name: string, make: Make, { op, item, live }: Change): Promise<void> {
  const mount = mountOf(item);
  if (op === "update") {
    const kept = Object.entries(live ?? {}).filter(([field]) => Object.hasOwn(pkiIssuerSpec.fields, field));
    const issuer = vaultPath(mount, "issuer", String(live?.["issuer_id"]));
    await vault.write(issuer, { ...Object.fromEntries(kept), issuer_name: item.desired["issuer_name"] });
    return;
  }
  if ((await readAuthority(unbuffered(vault), item)) !== undefined) {
    throw new RefusedError(`write ${name} ${item.path}: the mount has a CA already, made by somebody a moment ago`, {
      todo: "Run it again to compare it with what is declared; a CA is never replaced.",
    });
  }
  await make(vault, mount, item.desired);
}

/** Sent once: were the answer lost and the request sent again, there would be two. */
async function makeRoot(vault: Vault, mount: string, desired: Values): Promise<void> {
  const { type = "internal", ...fields } = desired;
  await vault.write(vaultPath(mount, "root/generate", String(type)), fields, { once: true });
}
