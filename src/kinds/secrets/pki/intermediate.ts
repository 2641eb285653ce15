import { RefusedError } from "../../../errors.ts";
import type { Vault } from "../../../vault/client.ts";
import { vaultPath } from "../../../vault/path.ts";
import type { Values } from "../../model/compare.ts";
import { dataOf, valuesOf } from "../../model/kind.ts";
import { told } from "./certificate.ts";

/** What only the request for a certificate takes. */
const ofKey = ["type", "key_type", "key_bits", "key_name", "managed_key_name", "managed_key_id"];
const ours = ["parent", "parent_issuer", "issuer_name"];

/**
 * Makes a key in one mount, has its CA certificate signed by another, and brings it back with the chain above it.
 * Each step is sent once. A run that broke off left a key without a certificate: the next one takes that key, by its name.
 * @throws RefusedError where a key of that name is not of the type or size that is declared
 */
export async function makeIntermediate(vault: Vault, mount: string, desired: Values): Promise<void> {
  const csr = await requestOf(vault, mount, desired);
  const chain = await sign(vault, csr, desired);
  refuseOtherKey(mount, chain, desired);
  const path = vaultPath(mount, "intermediate/set-signed");
  const imported = valuesOf(dataOf(await vault.write(path, { certificate: chain }, { once: true }), path), path);
  const issuer = Object.entries((imported["mapping"] ?? {}) as Values).find(([, key]) => key !== "")?.[0];
  if (issuer === undefined || desired["issuer_name"] === undefined) return;
  await vault.write(vaultPath(mount, "issuer", issuer), { issuer_name: desired["issuer_name"] });
}

async function requestOf(vault: Vault, mount: string, desired: Values): Promise<string> {
  const { type = "internal", ...fields } = without(desired, ours);
  const keys = vaultPath(mount, "keys");
  const infos = dataOf(await vault.read(`${keys}?list=true`), keys)?.["key_info"];
  const key_name = nameOfKey(desired);
  const left = Object.entries((infos ?? {}) as Record<string, Values>).find(([, key]) => key["key_name"] === key_name);
  const path = vaultPath(mount, "intermediate/generate", left === undefined ? String(type) : "existing");
  const body = left === undefined ? { ...fields, key_name } : { ...without(fields, ofKey), key_ref: left[0] };
  return text(valuesOf(dataOf(await vault.write(path, body, { once: true }), path), path), "csr", path);
}

/** Tells a key of ours from others, and from one that was left when another type or size was declared. */
function nameOfKey({ key_name, key_type, key_bits }: Values): string {
  return String(key_name ?? ["vault-hooks", key_type, key_bits].filter((part) => part !== undefined).join("-"));
}

/** Vault tells no size of a key, a certificate does; once that is in the mount, its CA is never replaced. */
function refuseOtherKey(mount: string, certificate: string, desired: Values): void {
  const made = told({ certificate });
  const other = ["key_type", "key_bits"].find((field) => (desired[field] ?? made[field]) !== made[field]);
  if (other === undefined) return;
  const found = `${other} is ${made[other]} and not ${desired[other]}`;
  throw new RefusedError(`write ${mount}/intermediate: the mount has a key ${nameOfKey(desired)} already: ${found}`, {
    todo: "Declare another key_name, or the type and size of that key, or delete it by hand if nothing needs it.",
  });
}

async function sign(vault: Vault, csr: string, desired: Values): Promise<string> {
  const { parent, parent_issuer = "default" } = desired;
  const path = vaultPath(String(parent), "issuer", String(parent_issuer), "sign-intermediate");
  const body = { ...without(desired, [...ofKey, ...ours]), csr };
  const signed = valuesOf(dataOf(await vault.write(path, body, { once: true }), path), path);
  const above = Array.isArray(signed["ca_chain"]) ? signed["ca_chain"].map(String) : [];
  return [...new Set([text(signed, "certificate", path), ...above])].join("\n");
}

function without(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

function text(values: Values, name: string, path: string): string {
  const value = values[name];
  if (typeof value === "string") return value;
  throw new RefusedError(`write ${path}: Vault answered in a form that is unknown to vault-hooks`, {
    todo: "Compare Vault's version with those in README.md.",
  });
}
