import { RefusedError } from "../../../errors.ts";
import type { Vault } from "../../../vault/client.ts";
import { vaultPath } from "../../../vault/path.ts";
import { dataOf, valuesOf } from "../../model/kind.ts";
import type { Values } from "../../model/values.ts";
import { withCertificateFields } from "./certificate.ts";

/** Fields of the CSR only. */
const keyFields = ["type", "key_type", "key_bits", "key_name", "managed_key_name", "managed_key_id"];
const ownFields = ["parent", "parent_issuer", "issuer_name"];

/**
 * Generates a key in one mount, has its CA certificate signed by the parent mount, and imports the certificate with its chain.
 * No request is retried. If an interrupted run left a key without a certificate, the next run reuses that key by its name.
 * @throws RefusedError if a key of that name has a different type or size than declared
 */
export async function createIntermediate(vault: Vault, mount: string, desired: Values): Promise<void> {
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
  const { type = "internal", ...fields } = without(desired, ownFields);
  const keys = vaultPath(mount, "keys");
  const infos = dataOf(await vault.read(`${keys}?list=true`), keys)?.["key_info"];
  const key_name = keyName(desired);
  const existing = Object.entries((infos ?? {}) as Record<string, Values>).find(
    ([, key]) => key["key_name"] === key_name,
  );
  const path = vaultPath(mount, "intermediate/generate", existing === undefined ? String(type) : "existing");
  const body =
    existing === undefined ? { ...fields, key_name } : { ...without(fields, keyFields), key_ref: existing[0] };
  return text(valuesOf(dataOf(await vault.write(path, body, { once: true }), path), path), "csr", path);
}

/** The default name identifies keys of vault-hooks, by type and size, so that an interrupted run's key is found again. */
function keyName({ key_name, key_type, key_bits }: Values): string {
  return String(key_name ?? ["vault-hooks", key_type, key_bits].filter((part) => part !== undefined).join("-"));
}

/** Checks the key by its certificate, since Vault does not return key sizes. Runs before the import, since a CA is never replaced. */
function refuseOtherKey(mount: string, certificate: string, desired: Values): void {
  const actual = withCertificateFields({ certificate });
  const other = ["key_type", "key_bits"].find((field) => (desired[field] ?? actual[field]) !== actual[field]);
  if (other === undefined) return;
  const found = `${other} is ${actual[other]} and not ${desired[other]}`;
  throw new RefusedError(
    `create PKI intermediate ${mount}/intermediate: the mount already has a key ${keyName(desired)}: ${found}`,
    {
      todo: "Declare a different key_name, or the type and size of that key, or delete the key by hand if nothing uses it.",
    },
  );
}

async function sign(vault: Vault, csr: string, desired: Values): Promise<string> {
  const { parent, parent_issuer = "default" } = desired;
  const path = vaultPath(String(parent), "issuer", String(parent_issuer), "sign-intermediate");
  const body = { ...without(desired, [...keyFields, ...ownFields]), csr };
  const signed = valuesOf(dataOf(await vault.write(path, body, { once: true }), path), path);
  const chain = Array.isArray(signed["ca_chain"]) ? signed["ca_chain"].map(String) : [];
  return [...new Set([text(signed, "certificate", path), ...chain])].join("\n");
}

function without(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

function text(values: Values, name: string, path: string): string {
  const value = values[name];
  if (typeof value === "string") return value;
  throw new RefusedError(`write ${path}: the response has an unknown format`, {
    todo: "Check that docs/compatibility.md lists Vault's version as tested.",
  });
}
