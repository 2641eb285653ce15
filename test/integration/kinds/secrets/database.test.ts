import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDesired } from "../../../../src/desired/load.ts";
import { newLedger } from "../../../../src/plan-apply/ledger/ledger.ts";
import { type Postgres, startPostgres } from "../../../helpers/postgres.ts";
import {
  configure,
  failuresIn,
  type KindCase,
  type KindServer,
  ledgerOf,
  linesOf,
  planOf,
  startKindServer,
} from "../harness/fixture.ts";
import { testKinds } from "../harness/harness.ts";

let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => {
  await postgres.close();
});

const prepare: KindCase["prepare"] = async (_, { kind }) => {
  await postgres.sql(`CREATE ROLE vault_${kind} LOGIN SUPERUSER PASSWORD 'initial'`);
  await postgres.sql(`CREATE ROLE reporting_${kind} LOGIN PASSWORD 'initial'`);
  return {
    "postgres.shop.svc:5432": postgres.address,
    "username: vault": `username: vault_${kind}`,
    "username: reporting": `username: reporting_${kind}`,
  };
};

const database: KindCase = {
  example: "database",
  prepare,
  alter: {
    "database/config/shop": {
      plugin_name: "not: another plugin has other fields",
      username: "not: the user must exist",
      connection_url: "not: the database must exist; altered below",
      password_policy: "not: the policy must exist",
    },
    "database/roles/reader": {
      credential_type: "not: other fields depend on it",
      credential_config: "not: the policy must exist",
      db_name: "not: the connection must exist",
    },
    "database/static-roles/reporting": {
      credential_type: "not: other fields depend on it",
      db_name: "not: Vault cannot move it",
    },
  },
  byHand: [
    {
      path: "database/config/shop",
      alter: (vault) =>
        vault.write("database/config/shop", {
          connection_url: `postgresql://{{username}}:{{password}}@${postgres.address}/template1?sslmode=disable`,
        }),
    },
  ],
};

testKinds("the database engine", [database]);

describe.each(["vault", "bao"] as const)("the root user's password, on %s", (kind) => {
  let server: KindServer;
  const keeper = `keeper_${kind}`;

  beforeAll(async () => {
    server = await startKindServer(kind);
    await postgres.sql(`CREATE ROLE ${keeper} LOGIN SUPERUSER PASSWORD 'initial'`);
  });

  afterAll(async () => {
    await server.close();
  });

  const declared = (limit: number, user = keeper, password = "initial") =>
    parseDesired(
      "test",
      new Map([
        [
          "test.yaml",
          `secrets:
  db:
    type: database
    connections:
      c:
        plugin_name: postgresql-database-plugin
        connection_url: postgresql://{{username}}:{{password}}@${postgres.address}/postgres?sslmode=disable
        username: ${user}
        password: ${password}
        max_open_connections: ${limit}
        allowed_roles: [r]
        rotate_root: true
    roles:
      r:
        db_name: c
        creation_statements: ["CREATE ROLE \\"{{name}}\\" LOGIN PASSWORD '{{password}}'"]
`,
        ],
      ]),
    ).items;

  async function logsIn(): Promise<boolean> {
    const user = (await server.vault.read("db/creds/r"))?.["data"] as { username: string; password: string };
    return await postgres.canLogIn(user.username, user.password);
  }

  it("is rotated once: the declared password becomes invalid and is not written again", async () => {
    expect(await postgres.canLogIn(keeper, "initial")).toBe(true);

    const first = await configure(server.vault, declared(2));
    const changed = await configure(server.vault, declared(3));

    expect(failuresIn(first.applied)).toEqual([]);
    expect(await postgres.canLogIn(keeper, "initial")).toBe(false);
    expect(linesOf(changed.plan)).toEqual(["update db/config/c: max_open_connections"]);
    expect(failuresIn(changed.applied)).toEqual([]);
    expect(await logsIn()).toBe(true);
  });

  it("is not overwritten by the declared password if a run ended before recording it", async () => {
    const { plan, applied } = await configure(server.vault, declared(4), newLedger("does not know the connection"));

    expect(linesOf(plan)).toEqual(["update db/config/c: max_open_connections"]);
    expect(failuresIn(applied)).toEqual([]);
    expect(await logsIn()).toBe(true);
  });

  it("is rotated again if a run ended before marking the rotation as done", async () => {
    await server.vault.write("db/config/c", { vault_hooks_root_rotated: "begun" });

    const { plan, applied } = await configure(server.vault, declared(4), newLedger("does not know the connection"));

    expect(linesOf(plan)).toEqual(["create db/rotate-root/c: "]);
    expect(failuresIn(applied)).toEqual([]);
    expect(await logsIn()).toBe(true);
    expect(linesOf(await planOf(server.vault, declared(4)))).toEqual([]);
  });

  it("is rotated again each time another login is declared", async () => {
    await postgres.sql(`CREATE ROLE next_${kind} LOGIN SUPERUSER PASSWORD 'second'`);
    const next = (password: string) => declared(4, `next_${kind}`, password);

    const moved = await configure(server.vault, next("second"), ledgerOf(declared(4)));

    expect(linesOf(moved.plan)).toEqual(["update db/config/c: username, password", "create db/rotate-root/c: "]);
    expect(failuresIn(moved.applied)).toEqual([]);
    expect(await postgres.canLogIn(`next_${kind}`, "second")).toBe(false);
    expect(await logsIn()).toBe(true);
    expect(linesOf(await planOf(server.vault, next("second"), ledgerOf(next("second"))))).toEqual([]);

    await postgres.sql(`ALTER ROLE next_${kind} PASSWORD 'third'`);
    const reset = await configure(server.vault, next("third"), ledgerOf(next("second")));

    expect(linesOf(reset.plan)).toEqual(["update db/config/c: password", "create db/rotate-root/c: "]);
    expect(failuresIn(reset.applied)).toEqual([]);
    expect(await postgres.canLogIn(`next_${kind}`, "third")).toBe(false);
    expect(await logsIn()).toBe(true);
  });

  it("is rotated by the next run if a run ended between writing the login and rotating it", async () => {
    await postgres.sql(`ALTER ROLE next_${kind} PASSWORD 'fourth'`);
    const items = declared(4, `next_${kind}`, "fourth");
    const { changes } = await planOf(server.vault, items, ledgerOf(declared(4, `next_${kind}`, "third")));
    for (const change of changes.filter(({ item }) => item.path === "db/config/c"))
      await change.item.kind.write(server.vault, change);

    const { plan, applied } = await configure(server.vault, items, newLedger("does not know the connection"));

    expect(linesOf(plan)).toContain("create db/rotate-root/c: ");
    expect(failuresIn(applied)).toEqual([]);
    expect(await postgres.canLogIn(`next_${kind}`, "fourth")).toBe(false);
    expect(await logsIn()).toBe(true);
  });

  it("does not disable the verification of later writes", async () => {
    const wrong = server.vault.write("db/config/c", {
      connection_url: "postgresql://{{username}}:{{password}}@127.0.0.1:1/no",
    });

    await expect(wrong).rejects.toThrow(/error creating database object|verifying connection/);
  });
});
