import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reserved } from "../../../src/kinds/index.ts";
import type { Item } from "../../../src/kinds/model/kind.ts";
import { loginDefinition } from "../../../src/login/definition.ts";
import { observeLeftOvers } from "../../../src/plan-apply/ledger/left-over.ts";
import { cachedReader } from "../../../src/plan-apply/observe.ts";
import { troublesOf } from "../../../src/plan-apply/troubles.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { cases as auth } from "./cases/auth.ts";
import { cases as identity } from "./cases/identity.ts";
import { cases as secrets } from "./cases/secrets.ts";
import { plugin, cases as system } from "./cases/system.ts";
import {
  configure,
  failuresIn,
  itemsOf,
  type KindServer,
  ledgerOf,
  linesOf,
  planOf,
  startKindServer,
  without,
} from "./harness/fixture.ts";

/** Vault 1.21.1 answers "internal error" to a read of a RabbitMQ role with topics while an audit device is enabled. */
const unreadableFields: Readonly<Record<string, readonly string[]>> = { "rabbitmq/roles/worker": ["vhost_topics"] };

const readerPolicy = `sys/policies/acl/${reserved.readerPolicy}`;

/** All examples as one configuration, except those that need another server beside Vault. */
describe.each(["vault", "bao"] as const)("all examples together, on %s", (kind) => {
  let server: KindServer;
  let plugins: string;
  let items: readonly Item[];
  const preexisting: Record<string, readonly string[]> = {};

  beforeAll(async () => {
    plugins = await tempDir("plugins");
    await writeFile(join(plugins, "example-engine"), plugin);
    await chmod(join(plugins, "example-engine"), 0o755);
    server = await startKindServer(kind, `plugin_directory = "${plugins}"\n`);
    const supported = [...auth, ...identity, ...secrets, ...system].filter(
      ({ unsupported }) => unsupported?.[kind] === undefined,
    );
    const each = supported.map(async ({ example, prepare, unsupportedFields, preexisting: known = [] }) => {
      preexisting[example] = known;
      const declared = await itemsOf(example, await prepare?.(server.vault, server));
      const omitted = { ...unsupportedFields?.[kind], ...(kind === "vault" ? unreadableFields : {}) };
      return declared.map((item) => without(item, omitted[item.path] ?? []));
    });
    items = (await Promise.all(each)).flat();
  });

  afterAll(async () => {
    await server.close();
    await rm(plugins, { recursive: true });
  });

  it("are not left over on an empty server, except what every server has and what cannot be read", async () => {
    const { leftOver } = await observeLeftOvers(cachedReader(server.vault), ledgerOf(items), [], 8);

    const known = new Set(Object.values(preexisting).flat());
    const singletons =
      /(^sys\/(auth\/token|quotas\/config|storage\/raft)|^identity\/oidc\/(config|key\/default|provider\/default))/;
    expect(leftOver.map(({ path }) => path).filter((path) => !known.has(path) && !singletons.test(path))).toEqual([]);
  });

  it("apply to an empty server in one run, and the next plan is empty", async () => {
    const { applied } = await configure(server.vault, items);

    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, items))).toEqual([]);
  });

  it("are read in full with the policy of plan", async () => {
    const policy = loginDefinition("vault", "https://kubernetes.default.svc").find(({ path }) => path === readerPolicy);
    await server.vault.write(readerPolicy, { policy: policy?.desired["policy"] });
    const request = { policies: [reserved.readerPolicy], no_default_policy: true };
    const { auth } = (await server.vault.write("auth/token/create", request)) as { auth: { client_token: string } };
    const reader = server.vault.withToken(auth.client_token);

    const planned = await planOf(reader, items);

    expect(troublesOf(planned).map(({ path, error }) => `${path}: ${error.message}`)).toEqual([]);
    expect(linesOf(planned)).toEqual([]);
    await expect(reader.write("sys/policies/acl/app-read", { policy: "" })).rejects.toMatchObject({ status: 403 });
  });

  it("are left over once they are not declared, except rotations, which leave nothing behind", async () => {
    const { leftOver, gone } = await observeLeftOvers(cachedReader(server.vault), ledgerOf(items), [], 8);

    expect([...gone].filter((path) => !path.includes("/rotate-root/"))).toEqual([]);
    expect(leftOver).toHaveLength(items.length - gone.size);
  });

  it("give the same plan in reverse order", async () => {
    await server.vault.delete("sys/policies/acl/app-read");
    await server.vault.write("auth/approle/role/ci", { token_ttl: "1h" });

    const lines = linesOf(await planOf(server.vault, items));
    const reversed = linesOf(await planOf(server.vault, [...items].reverse()));

    expect(lines).toHaveLength(2);
    expect([...reversed].sort()).toEqual([...lines].sort());
  });
});
