import { expect, it } from "vitest";
import { configDrift } from "../../../src/login/check.ts";

const host = "https://kubernetes.default.svc";
/** As Vault 1.21 returns it after the first `configure`. */
const own = {
  kubernetes_host: host,
  kubernetes_ca_cert: "",
  pem_keys: [],
  issuer: "",
  disable_iss_validation: true,
  disable_local_ca_jwt: false,
  token_reviewer_jwt_set: false,
  use_annotations_as_alias_metadata: false,
};

it("configDrift finds nothing in the config that the first configure wrote, nor in one of an older server", () => {
  const { use_annotations_as_alias_metadata: _, ...older } = own;

  expect(configDrift(own, [host, undefined])).toEqual([]);
  expect(configDrift({ ...older, pem_keys: null }, [host])).toEqual([]);
});

it("configDrift takes the URL of the run's settings and the recorded one, with or without a slash at the end", () => {
  expect(configDrift(own, ["https://other.example", host])).toEqual([]);
  expect(configDrift({ ...own, kubernetes_host: `${host}/` }, [host])).toEqual([]);
  expect(configDrift(own, ["https://other.example", undefined])).toEqual(["kubernetes_host"]);
  expect(configDrift(own, [])).toEqual(["kubernetes_host"]);
});

it.each([
  ["kubernetes_host", { kubernetes_host: "https://evil.example" }],
  ["kubernetes_ca_cert", { kubernetes_ca_cert: "-----BEGIN CERTIFICATE-----" }],
  ["pem_keys", { pem_keys: ["-----BEGIN PUBLIC KEY-----"] }],
  ["issuer", { issuer: "https://evil.example" }],
  ["disable_iss_validation", { disable_iss_validation: false }],
  ["disable_local_ca_jwt", { disable_local_ca_jwt: true }],
  ["token_reviewer_jwt", { token_reviewer_jwt_set: true }],
  ["use_annotations_as_alias_metadata", { use_annotations_as_alias_metadata: true }],
  ["a_field_of_a_newer_vault", { a_field_of_a_newer_vault: "https://evil.example" }],
])("configDrift finds a changed %s", (field, changed) => {
  expect(configDrift({ ...own, ...changed }, [host])).toEqual([field]);
});
