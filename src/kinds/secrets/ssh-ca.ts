import { RefusedError } from "../../errors.ts";
import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import { type Endpoint, endpointKind } from "../model/endpoint.ts";
import { type Kind, uncachedReader } from "../model/kind.ts";
import { bool, int, object, string } from "../model/spec.ts";
import type { Values } from "../model/values.ts";

const writtenOnce = { writeOnly: true, createOnly: true };

export const sshCa: Endpoint = {
  kind: "SSH CA",
  path: "config/ca",
  absent: /keys haven't been configured|no default issuer/,
  readAs: (data) => ({ ...data, key_type: keyType(String(data["public_key"] ?? "")) }),
  spec: object("the CA's signing key; created once and never replaced", {
    generate_signing_key: bool("let Vault generate the key pair", writtenOnce),
    key_type: string("type of the generated key", {
      createOnly: true,
      values: ["ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-ed25519"],
    }),
    key_bits: int("size of the generated key; 0 is the type's default", { ...writtenOnce, min: 0 }),
    private_key: string("existing private key", writtenOnce),
    public_key: string("public key of private_key", { createOnly: true }),
    managed_key_name: string("name of a managed key (Enterprise)", writtenOnce),
    managed_key_id: string("ID of a managed key (Enterprise)", writtenOnce),
    issuer_name: string("name of the issuer (OpenBao)"),
  }),
};

const plain = endpointKind(sshCa);

/** OpenBao accepts a second key and signs with it from then on. So `write` reads again before it creates a key. */
export const sshCaKind: Kind = {
  ...plain,
  async write(vault, change) {
    const { path, desired } = change.item;
    if (change.op === "update") return nameIssuer(vault, path, desired);
    const existing = await plain.read(uncachedReader(vault), change.item);
    if (existing !== undefined) {
      throw new RefusedError(`create SSH CA ${path}: the mount already has a CA, created since the plan`, {
        todo: "Run configure again to compare it with the declared CA; a CA is never replaced.",
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

/** OpenBao renames a CA at its issuer path. The CA of config/ca is the default issuer. */
async function nameIssuer(vault: Vault, path: string, { issuer_name }: Values): Promise<void> {
  await vault.write(vaultPath(issuerPath(path)), { issuer_name });
}

function issuerPath(path: string): string {
  return path.replace(/config\/ca$/, "issuer/default");
}

function keyType(publicKey: string): Values[string] {
  return publicKey.split(" ")[0] ?? "";
}
