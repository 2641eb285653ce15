import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  configure,
  failuresIn,
  itemsIn,
  type KindServer,
  linesOf,
  planOf,
  startKindServer,
} from "./harness/fixture.ts";
import { checkNameCase } from "./harness/name-case.ts";

/**
 * Objects that Vault creates only with a cloud account. The tests write the stored form into Vault's storage, so that at least
 * reading and comparing them is tested.
 */
type AccountCase = {
  readonly kind: string;
  readonly mount: string;
  /** The config that the mount needs before it returns the object. */
  readonly config?: string;
  /** The object's path in the mount's storage, and the stored value. */
  readonly at: string;
  readonly stored: Record<string, unknown>;
  /** Its collection in the configuration, and its declared fields. */
  readonly key: string;
  readonly declared: string;
  /** For each field that Vault returns, the stored value after a change. */
  readonly altered: Readonly<Record<string, Record<string, unknown>>>;
  /** Create-only fields. */
  readonly createOnly: readonly string[];
};

const hour = 3_600_000_000_000;
const account = { Project: "shop", EmailOrId: "vault@shop.iam.gserviceaccount.com" };
const scopes = ["https://www.googleapis.com/auth/cloud-platform"];
const subscription = "/subscriptions/1";
const azureRole = { role_name: "Reader", role_id: `${subscription}/roles/2`, scope: subscription };

const azure: AccountCase = {
  kind: "Azure role",
  mount: "azure",
  config: '{ subscription_id: "1", tenant_id: "2" }',
  at: "roles/x",
  stored: {
    azure_roles: [azureRole],
    azure_groups: [{ group_name: "readers", object_id: "3" }],
    application_object_id: "4",
    sign_in_audience: "AzureADMyOrg",
    tags: ["team:web"],
    ttl: hour,
    max_ttl: 2 * hour,
    explicit_max_ttl: 3 * hour,
    permanently_delete: true,
    persist_app: true,
  },
  key: "roles",
  declared: `{ azure_roles: [{ role_name: Reader, scope: ${subscription} }], azure_groups: '[{"group_name": "readers"}]',
          application_object_id: "4", sign_in_audience: AzureADMyOrg, tags: ["team:web"], ttl: 1h, max_ttl: 2h,
          explicit_max_ttl: 3h, permanently_delete: true, persist_app: true }`,
  altered: {
    azure_roles: { azure_roles: [{ ...azureRole, role_name: "Owner" }] },
    azure_groups: { azure_groups: [{ group_name: "owners", object_id: "5" }] },
    application_object_id: { application_object_id: "6" },
    sign_in_audience: { sign_in_audience: "other" },
    tags: { tags: [] },
    ttl: { ttl: 2 * hour },
    max_ttl: { max_ttl: hour },
    explicit_max_ttl: { explicit_max_ttl: hour },
    permanently_delete: { permanently_delete: false },
    persist_app: { persist_app: false },
  },
  createOnly: [],
};

const roleset: AccountCase = {
  kind: "GCP roleset",
  mount: "gcp",
  at: "roleset/x",
  stored: { Name: "x", SecretType: "access_token", AccountId: account, TokenGen: { Scopes: scopes }, Bindings: {} },
  key: "rolesets",
  declared: `{ project: shop, secret_type: access_token, token_scopes: ["${scopes}"], bindings: 'resource "a" { roles = ["b"] }' }`,
  altered: {
    project: { AccountId: { ...account, Project: "other" } },
    secret_type: { SecretType: "service_account_key" },
    token_scopes: { TokenGen: { Scopes: [] } },
  },
  createOnly: ["project", "secret_type"],
};

const staticAccount: AccountCase = {
  kind: "GCP static account",
  mount: "gcp",
  at: "static-account/x",
  stored: { Name: "x", SecretType: "access_token", ...account, TokenGen: { Scopes: scopes } },
  key: "static_accounts",
  declared: `{ service_account_email: ${account.EmailOrId}, secret_type: access_token, token_scopes: ["${scopes}"] }`,
  altered: {
    service_account_email: { EmailOrId: "other@shop.iam.gserviceaccount.com" },
    secret_type: { SecretType: "service_account_key" },
    token_scopes: { TokenGen: { Scopes: [] } },
  },
  createOnly: ["service_account_email", "secret_type"],
};

const impersonated: AccountCase = {
  kind: "GCP impersonated account",
  mount: "gcp",
  at: "impersonated-account/x",
  stored: { Name: "x", ...account, TokenScopes: scopes, Ttl: 3600 },
  key: "impersonated_accounts",
  declared: `{ service_account_email: ${account.EmailOrId}, token_scopes: ["${scopes}"], ttl: 1h }`,
  altered: {
    service_account_email: { EmailOrId: "other@shop.iam.gserviceaccount.com" },
    token_scopes: { TokenScopes: [] },
    ttl: { Ttl: 60 },
  },
  createOnly: ["service_account_email"],
};

const awsStatic: AccountCase = {
  kind: "AWS static role",
  mount: "aws",
  at: "static-roles/x",
  stored: { name: "x", id: "AIDA", username: "deploy", rotation_period: 24 * hour },
  key: "static_roles",
  declared: "{ username: deploy, rotation_period: 24h }",
  altered: { username: { username: "other" }, rotation_period: { rotation_period: hour } },
  createOnly: ["username"],
};

describe.each([azure, roleset, staticAccount, impersonated, awsStatic])("a $kind in Vault's storage", (each) => {
  let server: KindServer;
  const config = each.config === undefined ? "" : `    config: ${each.config}\n`;
  const mounted = `secrets:\n  ${each.mount}:\n    type: ${each.mount}\n${config}`;
  const items = itemsIn(`${mounted}    ${each.key}:\n      x: ${each.declared}\n`);

  beforeAll(async () => {
    server = await startKindServer("vault", "raw_storage_endpoint = true\n");
    const { applied } = await configure(server.vault, itemsIn(mounted));
    expect(failuresIn(applied)).toEqual([]);
  });

  afterAll(async () => {
    await server.close();
  });

  async function store(value: Record<string, unknown>): Promise<void> {
    const mounts = (await server.vault.read("sys/mounts"))?.["data"] as Record<string, { uuid: string }>;
    const path = `sys/raw/logical/${mounts[`${each.mount}/`]?.uuid}/${each.at}`;
    await server.vault.write(path, { value: JSON.stringify(value) });
  }

  it("is not planned if it is as declared", async () => {
    await store(each.stored);

    expect(linesOf(await planOf(server.vault, items))).toEqual([]);
  });

  it("is found by its name in upper case only if its kind ignores case", async () => {
    await store(each.stored);

    await checkNameCase(server.vault, items);
  });

  it.each(Object.keys(each.altered))("shows a changed field: %s", async (field) => {
    await store({ ...each.stored, ...each.altered[field] });

    const { changes, refusals } = await planOf(server.vault, items);

    const reported = each.createOnly.includes(field)
      ? refusals.map(({ reason }) => reason)
      : changes.map(({ fields }) => fields.map((change) => change.field).join());
    expect(reported.join()).toContain(field);
    expect(changes).toHaveLength(each.createOnly.includes(field) ? 0 : 1);
  });
});
