import { describe, expect, it } from "vitest";
import { InvalidConfig } from "../../../../src/desired/invalid-config.ts";
import { parseDesired } from "../../../../src/desired/load.ts";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { predecessors } from "../../../../src/kinds/order.ts";
import type { LiveState } from "../../../../src/plan-apply/observe.ts";
import { plan } from "../../../../src/plan-apply/plan.ts";

function itemsOf(yaml: string): readonly Item[] {
  return parseDesired("folder", new Map([["vault.yaml", yaml]])).items;
}

function itemAt(items: readonly Item[], path: string): Item {
  const item = items.find((each) => each.path === path);
  if (item === undefined) throw new Error(`no ${path} among ${items.map((each) => each.path).join(", ")}`);
  return item;
}

function mistakesOf(yaml: string): string {
  try {
    itemsOf(yaml);
  } catch (error) {
    if (error instanceof InvalidConfig) return error.message;
    throw error;
  }
  return "";
}

describe("a reference to the accessor of a mount", () => {
  const items = itemsOf(`
auth: { people: { type: userpass }, deep/er: { type: userpass } }
secrets: { home: { type: totp } }
policies:
  own: { hcl: 'path "a/{{identity.entity.aliases.{{accessor:auth/people}}.name}}" { capabilities = ["read"] }' }
identity:
  entities:
    e: { metadata: { mount: "{{accessor:home}} {{accessor:auth/deep/er}}" } }
`);

  it("makes a policy or any other object come after the mount", () => {
    expect(predecessors(itemAt(items, "sys/policies/acl/own"))).toContain("sys/auth/people");
    expect(predecessors(itemAt(items, "identity/entity/name/e"))).toEqual(
      expect.arrayContaining(["sys/mounts/home", "sys/auth/deep/er"]),
    );
  });

  it("is compared by the accessor once the mount exists", () => {
    const reference = "{{accessor:auth/people}}";
    const policy = 'path "a/{{identity.entity.aliases.auth_userpass_1.name}}" { capabilities = ["read"] }';
    const held: LiveState = new Map([
      ["sys/policies/acl/own", { live: { policy }, ids: new Map([[reference, "auth_userpass_1"]]) }],
    ]);
    const other: LiveState = new Map([
      ["sys/policies/acl/own", { live: { policy }, ids: new Map([[reference, "auth_userpass_2"]]) }],
    ]);
    const own = [itemAt(items, "sys/policies/acl/own")];

    expect(plan(own, held).changes).toEqual([]);
    expect(plan(own, other).changes.map(({ item }) => item.path)).toEqual(["sys/policies/acl/own"]);
  });

  it("is not confused with Vault's own templates", () => {
    const [own] = itemsOf(`policies: { own: { hcl: 'path "a/{{identity.entity.id}}" { capabilities = ["read"] }' } }`);

    expect(own?.references).toBeUndefined();
  });
});

describe("objects named where Vault takes ids", () => {
  const items = itemsOf(`
auth: { people: { type: userpass } }
identity:
  entities: { ann: { aliases: { auth/people: { name: ann } } } }
  groups:
    team: { type: internal, member_entities: [ann], member_entity_ids: [some-id], member_groups: [others] }
    others: { type: internal }
mfa:
  methods: { codes: { type: totp, issuer: x } }
  login_enforcements: { all: { mfa_methods: [codes], auth_methods: [auth/people], groups: [team] } }
`);

  it("become references in the fields that Vault takes, beside ids", () => {
    expect(itemAt(items, "identity/group/name/team").desired).toMatchObject({
      member_entity_ids: expect.arrayContaining(["{{entity:ann}}", "some-id"]),
      member_group_ids: ["{{group:others}}"],
    });
  });

  it("come before the object that names them", () => {
    expect(predecessors(itemAt(items, "identity/group/name/team"))).toEqual(
      expect.arrayContaining(["identity/entity/name/ann", "identity/group/name/others"]),
    );
    expect(predecessors(itemAt(items, "identity/mfa/login-enforcement/all"))).toEqual(
      expect.arrayContaining(["identity/mfa/method/codes", "sys/auth/people", "identity/group/name/team"]),
    );
    expect(predecessors(itemAt(items, "identity/entity/name/ann/alias/auth/people"))).toEqual(
      expect.arrayContaining(["identity/entity/name/ann", "sys/auth/people"]),
    );
  });

  it("are a mistake if they form a dependency cycle", () => {
    const mistakes = mistakesOf(`
identity:
  groups:
    a: { type: internal, member_groups: [b] }
    b: { type: internal, member_groups: [c] }
    c: { type: internal, member_groups: [a] }
    d: { type: internal, member_groups: [a] }
`);

    expect(mistakes).toMatch(/a dependency cycle: it depends on identity\/group\/name\/., which depends on/);
    expect(mistakes).not.toContain("name/d");
  });
});

describe("an object in a namespace", () => {
  const items = itemsOf(`
policies: { app: { hcl: 'path "a" { capabilities = ["read"] }' } }
namespaces:
  team:
    policies: { app: { hcl: 'path "a" { capabilities = ["read"] }' } }
    auth: { people: { type: userpass, users: { ann: { password: x, token_policies: [app] } } } }
    identity: { entities: { ann: { aliases: { auth/people: { name: ann } } } } }
  team/dev: { secrets: { kv: { type: kv } } }
`);

  it("has the namespace as the prefix of its path, and comes after it", () => {
    expect(itemAt(items, "team/auth/people/users/ann").within).toBe("team/sys/auth/people");
    expect(itemAt(items, "team/sys/auth/people").within).toBe("sys/namespaces/team");
    expect(itemAt(items, "team/sys/namespaces/dev").within).toBe("sys/namespaces/team");
    expect(itemAt(items, "team/dev/sys/mounts/kv").within).toBe("team/sys/namespaces/dev");
  });

  it("refers to policies and ids of that namespace", () => {
    expect(predecessors(itemAt(items, "team/auth/people/users/ann"))).toContain("team/sys/policies/acl/app");
    expect(predecessors(itemAt(items, "team/auth/people/users/ann"))).not.toContain("sys/policies/acl/app");
    expect(predecessors(itemAt(items, "team/identity/entity/name/ann/alias/auth/people"))).toEqual(
      expect.arrayContaining(["team/identity/entity/name/ann", "team/sys/auth/people"]),
    );
  });

  it("requires access to the path with the prefix", () => {
    const { kind } = itemAt(items, "team/auth/people/users/ann");

    expect(kind.requiredPaths(itemAt(items, "team/auth/people/users/ann"))).toEqual([
      { path: "team/auth/people/users/ann" },
    ]);
  });
});
