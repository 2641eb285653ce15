import { type KeyObject, X509Certificate } from "node:crypto";
import type { Values } from "./compare.ts";

/** Fields of a CA by the names that a subject's parts have in a certificate. */
const subjectFields: Readonly<Record<string, string>> = {
  CN: "common_name",
  O: "organization",
  OU: "ou",
  C: "country",
  L: "locality",
  ST: "province",
  street: "street_address",
  postalCode: "postal_code",
};

/** An issuer as Vault tells it, with what its certificate says by the names under which a CA is declared. */
export function told(issuer: Values): Values {
  const { subject, publicKey } = new X509Certificate(String(issuer["certificate"]));
  return { ...issuer, issuer_name: issuer["issuer_name"] ?? "", ...subjectOf(subject), ...keyOf(publicKey) };
}

/** Node gives one part a line: "CN=Example Root\nO=Example". */
function subjectOf(subject: string): Record<string, unknown> {
  const found: Record<string, string[]> = {};
  for (const line of subject.split("\n")) {
    const equals = line.indexOf("=");
    const field = subjectFields[line.slice(0, equals)];
    if (field !== undefined) found[field] = [...(found[field] ?? []), line.slice(equals + 1)];
  }
  const { common_name: names = [], ...others } = found;
  return { ...others, common_name: names[0] };
}

const curveBits: Readonly<Record<string, number>> = {
  secp224r1: 224,
  prime256v1: 256,
  secp384r1: 384,
  secp521r1: 521,
};

function keyOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): Values {
  const bits = details?.modulusLength ?? curveBits[details?.namedCurve ?? ""];
  return { key_type: type, ...(bits === undefined ? {} : { key_bits: bits }) };
}
