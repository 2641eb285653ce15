import { RefusedError } from "../../errors.ts";
import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import type { Values } from "../model/compare.ts";
import { type Endpoint, endpointKind } from "../model/endpoint.ts";
import { type Kind, unbuffered } from "../model/kind.ts";
import { bool, int, object, string } from "../model/spec.ts";

const written = { writeOnly: true, createOnly: true };

export const sshCa: Endpoint = {
  kind: "SSH CA",
  path: "config/ca",
  absent: /keys haven't been configured|no default issuer/,
  readAs: (data) => ({ ...data, key_type: keyType(String(data["public_key"] ?? "")) }),
  spec: object("the key that signs; made once, and never replaced", {
    generate_signing_key: bool("Vault makes the key", written),
    key_type: string("type of key that Vault makes", {
      createOnly: true,
      values: ["ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-ed25519"],
    }),
    key_bits: int("its size; 0 is the type's default", { ...written, min: 0 }),
    private_key: string("a key that exists", written),
    public_key: string("the public part of it", { createOnly: true }),
    managed_key_name: string("name of a managed key (Enterprise)", written),
    managed_key_id: string("id of a managed key (Enterprise)", written),
    issuer_name: string("its name (OpenBao)"),
  }),
};

const plain = endpointKind(sshCa);

/** OpenBao takes a second key, and signs with that one from then on; so it is looked once more before a key is made. */
export const sshCaKind: Kind = {
  ...plain,
  async write(vault, change) {
    const { path, desired } = change.item;
    if (change.op === "update") return nameIssuer(vault, path, desired);
    const held = await plain.read(unbuffered(vault), change.item);
    if (held !== undefined) {
      throw new RefusedError(`write SSH CA ${path}: there is one already, made by somebody else a moment ago`, {
        todo: "Run it again; a CA is never replaced.",
      });
    }
    const { issuer_name, ...key } = desired;
    await vault.write(vaultPath(path), key, { once: true });
    if (issuer_name !== undefined) await nameIssuer(vault, path, desired);
  },
  requiredPaths: (item) => [
    ...plain.requiredPaths(item),
    ...(item.desired["issuer_name"] === undefined ? [] : [{ path: issuerPath(item.path) }]),
  ],
  exclusive: () => true,
};

/** OpenBao names a CA where it keeps all of a mount; the one of config/ca is the default there. */
async function nameIssuer(vault: Vault, path: string, { issuer_name }: Values): Promise<void> {
  await vault.write(vaultPath(issuerPath(path)), { issuer_name });
}

function issuerPath(path: string): string {
  return path.replace(/config\/ca$/, "issuer/default");
}

function keyType(publicKey: string): Values[string] {
  return publicKey.split(" ")[0] ?? "";
}
