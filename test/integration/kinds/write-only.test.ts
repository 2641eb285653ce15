import { createHash } from "node:crypto";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCa } from "../../helpers/certificates.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { plugin } from "./cases/system.ts";
import {
  configure,
  failuresIn,
  itemsIn,
  type KindServer,
  ledgerOf,
  linesOf,
  startKindServer,
} from "./harness/fixture.ts";

describe.each<KindServer["kind"]>(["vault", "bao"])("write-only fields, on %s", (kind) => {
  let server: KindServer;
  let plugins: string;

  beforeAll(async () => {
    plugins = await tempDir("plugins");
    await writeFile(join(plugins, "example"), plugin);
    await chmod(join(plugins, "example"), 0o755);
    server = await startKindServer(kind, `plugin_directory = "${plugins}"\nraw_storage_endpoint = true\n`);
  });

  afterAll(async () => {
    await server.close();
    await rm(plugins, { recursive: true });
  });

  /** Applies one state and then the other, with the ledger of the first. */
  async function change(before: string, to: string, meanwhile: () => Promise<unknown> = async () => undefined) {
    const first = await configure(server.vault, itemsIn(before));
    expect(failuresIn(first.applied)).toEqual([]);
    await meanwhile();
    const second = await configure(server.vault, itemsIn(to), ledgerOf(itemsIn(before)));
    expect(failuresIn(second.applied)).toEqual([]);
    return linesOf(second.plan);
  }

  async function stored(path: string): Promise<unknown> {
    const data = (await server.vault.read(`sys/raw/${path}`))?.["data"] as { value: string };
    return JSON.parse(data.value);
  }

  it("keep a manual change when another field is changed in Git", async () => {
    const user = (ttl: string) =>
      `auth: { people: { type: userpass, users: { ann: { password: from-git, token_ttl: ${ttl} } } } }`;

    const lines = await change(user("1h"), user("2h"), () =>
      server.vault.write("auth/people/users/ann/password", { password: "her own" }),
    );

    expect(lines).toEqual(["update auth/people/users/ann: token_ttl"]);
    await server.vault.write("auth/people/login/ann", { password: "her own" });
  });

  it("are written when they are changed in Git", async () => {
    const user = (password: string) => `auth: { team: { type: userpass, users: { ann: { password: ${password} } } } }`;

    const lines = await change(user("first"), user("second"));

    expect(lines).toEqual(["update auth/team/users/ann: password"]);
    await server.vault.write("auth/team/login/ann", { password: "second" });
  });

  it("are sent with every write if they control it: verify_connection of a database", async () => {
    const connection = (most: number) => `secrets: { db: { type: database, connections: { c: {
      plugin_name: postgresql-database-plugin, username: u, password: p, verify_connection: false,
      connection_url: "postgresql://{{username}}:{{password}}@127.0.0.1:1/none", max_open_connections: ${most} } } } }`;

    expect(await change(connection(2), connection(3))).toEqual(["update db/config/c: max_open_connections"]);
  });

  it("are not reset by a write of other fields: a plugin's environment", async () => {
    const sha256 = createHash("sha256").update(plugin).digest("hex");
    const declared = (args: string) =>
      `plugins: { secret: { own: { sha256: ${sha256}, command: example, args: [${args}], env: [KEPT=1] } } }`;

    expect(await change(declared("a"), declared("b"))).toEqual(["update sys/plugins/catalog/secret/own: args"]);

    expect(await stored("core/plugin-catalog/secret/own")).toMatchObject({ args: ["b"], env: ["KEPT=1"] });
  });

  it("are not reset by a write of other fields: RabbitMQ's connection", async () => {
    const declared = (password: string) => `secrets: { mq: { type: rabbitmq, config: { connection: {
      connection_uri: "http://127.0.0.1:1", username: u, password: ${password}, verify_connection: false,
      username_template: "v-{{random 8}}" } } } }`;
    // an unreadable object counts as existing; it is written if the ledger does not know it
    const mount = itemsIn("secrets: { mq: { type: rabbitmq } }");
    await configure(server.vault, mount);
    const first = await configure(server.vault, itemsIn(declared("one")), ledgerOf(mount));
    expect(failuresIn(first.applied)).toEqual([]);

    const { plan } = await configure(server.vault, itemsIn(declared("two")), ledgerOf(itemsIn(declared("one"))));

    expect(linesOf(plan)).toEqual(["update mq/config/connection: password"]);
    const mounts = (await server.vault.read("sys/mounts"))?.["data"] as Record<string, { uuid: string }>;
    expect(await stored(`logical/${mounts["mq/"]?.uuid}/config/connection`)).toMatchObject({
      password: "two",
      username_template: "v-{{random 8}}",
    });
  });

  it("are written again when Vault reports that it has lost them, with a ledger and without", async () => {
    const config = "auth/lost/config";
    // OpenBao takes no config without one of both: the pod's own CA, or this
    const kubernetes_ca_cert = await makeCa(plugins);
    const kept = { kubernetes_host: "https://kubernetes.default.svc", kubernetes_ca_cert, disable_local_ca_jwt: true };
    const all = { ...kept, token_reviewer_jwt: "planted-reviewer" };
    const declared = itemsIn(`auth: { lost: { type: kubernetes, config: ${JSON.stringify(all)} } }`);
    const lose = () => server.vault.write(config, kept);
    expect(failuresIn((await configure(server.vault, declared)).applied)).toEqual([]);

    for (const ledger of [ledgerOf(declared), undefined]) {
      await lose();
      const { plan, applied } = await configure(server.vault, declared, ledger);

      expect(linesOf(plan)).toEqual([`update ${config}: token_reviewer_jwt`]);
      expect(plan.changes[0]?.fields[0]).toMatchObject({ writeOnly: true, note: "missing in Vault" });
      expect(failuresIn(applied)).toEqual([]);
      expect((await server.vault.read(config))?.["data"]).toMatchObject({ token_reviewer_jwt_set: true });
      expect(linesOf((await configure(server.vault, declared, ledger)).plan)).toEqual([]);
    }
  });
});
