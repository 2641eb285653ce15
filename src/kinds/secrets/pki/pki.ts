import { type Endpoint, endpointKind } from "../../model/endpoint.ts";
import type { Kind } from "../../model/kind.ts";
import { collection, group } from "../../model/section.ts";
import { engine, named } from "../../mount/engine.ts";
import { intermediate, root } from "./authority.ts";
import { authorities, pkiConfig } from "./config.ts";
import { pkiIssuerSpec, pkiRoleSpec } from "./fields.ts";

const issuer: Endpoint = {
  kind: "PKI issuer",
  path: "issuer",
  writeReplacesAll: true,
  after: () => authorities,
  absent: /unable to find PKI issuer/,
  spec: pkiIssuerSpec,
};

const plain = endpointKind(issuer);

/** A write without issuer_name clears it. */
const issuerKind: Kind = {
  ...plain,
  async write(vault, change) {
    const { item, live } = change;
    const name = live?.["issuer_name"] || item.path.slice(item.path.lastIndexOf("/") + 1);
    await plain.write(vault, { ...change, item: { ...item, desired: { ...item.desired, issuer_name: name } } });
  },
};

/** Cleared when the key type changes: sizes that Vault chose for one type are invalid for another. */
const sizes = ["key_bits", "signature_bits"];
const excludes = { key_type: { rsa: sizes, ec: sizes, ed25519: sizes, any: sizes } };

/** @see https://developer.hashicorp.com/vault/api-docs/secret/pki */
export const pki = engine("secrets", "pki", "X.509 certificates", {
  root,
  intermediate,
  config: group("configuration of the PKI engine", pkiConfig),
  issuers: collection("issuer", issuerKind, issuer),
  roles: named("role", {
    kind: "PKI role",
    path: "roles",
    writeReplacesAll: true,
    after: ({ issuer_ref }) => [...authorities, ...(issuer_ref === undefined ? [] : [`issuer/${issuer_ref}`])],
    spec: { ...pkiRoleSpec, excludes },
  }),
});
