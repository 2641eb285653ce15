import { type KeyObject, X509Certificate } from "node:crypto";
import type { Values } from "../../model/values.ts";

/** A CA's fields, by the attribute names in a certificate's subject. */
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

/** The issuer, with the subject and key of its certificate under the names of a declared CA's fields. */
export function withCertificateFields(issuer: Values): Values {
  const certificate = new X509Certificate(String(issuer["certificate"]));
  const name = issuer["issuer_name"] ?? "";
  return { ...issuer, issuer_name: name, ...subjectOf(certificate), ...keyOf(certificate.publicKey) };
}

/** Uses Node's legacy object, which has unescaped attributes; the subject string escapes many characters. */
function subjectOf(certificate: X509Certificate): Values {
  const { common_name: names = [], ...others } = Object.fromEntries(
    Object.entries(certificate.toLegacyObject().subject).flatMap(([part, values]) => {
      const field = subjectFields[part];
      return field === undefined || values === undefined ? [] : [[field, [values].flat()] as const];
    }),
  );
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
