import { expect, it } from "vitest";
import { loginDefinition } from "../../../src/login/definition.ts";

const policies = loginDefinition("vault", "https://kubernetes.default.svc").filter(
  ({ kind }) => kind.name === "policy",
);

function driftOf(options: object): unknown[] {
  return policies.map((item) => item.kind.diff(item, { policy: item.desired["policy"], ...options }));
}

it("a policy of the login drifts by each option that OpenBao may have stored with the same text", () => {
  for (const [field, before] of [
    ["expiration", "2099-12-31T23:59:59.000Z"],
    ["cas_required", true],
    ["allow_slashes_in_identity_templates", true],
    ["allow_wildcards_in_identity_templates", true],
  ] as const) {
    const drift = { op: "update", fields: [expect.objectContaining({ field, before })] };
    expect(driftOf({ [field]: before }), field).toEqual([drift, drift]);
  }
});

it("a policy of the login does not drift as Vault and each version of OpenBao return it", () => {
  const ofOpenBao24 = { version: 1, modified: "2026-11-30T09:06:12.106403388Z", cas_required: false };
  const flags = { allow_slashes_in_identity_templates: false, allow_wildcards_in_identity_templates: false };

  for (const options of [{}, ofOpenBao24, { ...ofOpenBao24, ...flags }])
    expect(driftOf(options)).toEqual([undefined, undefined]);
});

it.each([
  ["bound_service_account_namespace_selector", '{"matchLabels":{"team":"others"}}'],
  ["alias_name_source", "serviceaccount_name"],
  ["token_bound_cidrs", ["192.0.2.0/24"]],
  ["token_explicit_max_ttl", 3600],
  ["token_num_uses", 1],
  ["token_period", 3600],
])("a role of the login drifts by %s, which somebody has added", (field, added) => {
  const roles = loginDefinition("vault", "https://kubernetes.default.svc").filter(({ path }) => /\/role\//.test(path));
  const driftOfRole = (change: object) => roles.map((item) => item.kind.diff(item, { ...item.desired, ...change }));

  expect(roles).toHaveLength(2);
  expect(driftOfRole({})).toEqual([undefined, undefined]);
  for (const drift of driftOfRole({ [field]: added }))
    expect(drift).toMatchObject({ op: "update", fields: [{ field }] });
});
