import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { createLogger } from "../../../../src/logger.ts";
import { apply } from "../../../../src/plan-apply/apply.ts";
import { configure, failuresIn, itemsIn, linesOf, planOf, useKindServer } from "../harness/fixture.ts";

const log = createLogger({ level: "silent", output: "json", color: false }, () => undefined);

describe.each(["vault", "bao"] as const)("an object that is created once, on %s", (kind) => {
  const server = useKindServer(kind);

  const dataAt = async (path: string) => (await server.vault.read(path))?.["data"] as Record<string, unknown>;
  const refusalsOf = async (items: readonly Item[]) =>
    (await planOf(server.vault, items)).refusals.map(({ reason }) => reason);
  const root = (fields: string, mount = "ca") => `secrets:\n  ${mount}: { type: pki, root: { ${fields} } }\n`;
  /** Plans, lets another client act, and applies the outdated plan. */
  async function applyOutdated(items: readonly Item[], act: () => Promise<unknown>): Promise<string[]> {
    const planned = await planOf(server.vault, items);
    await act();
    const exclusively = (write: () => Promise<void>) => write();
    return failuresIn(await apply(server.vault, planned, { log, concurrency: 4, exclusively }));
  }

  describe("a PKI CA", () => {
    it("is never replaced: the plan refuses other fields, and apply keeps the CA", async () => {
      await configure(server.vault, itemsIn(root("common_name: First, issuer_name: one, key_type: ec")));
      const before = await server.vault.list("ca/issuers");

      const other = await refusalsOf(itemsIn(root("common_name: Second, issuer_name: one, key_type: ec")));
      const named = await refusalsOf(itemsIn(root("common_name: First, issuer_name: two, key_type: ec")));
      const typed = await refusalsOf(itemsIn(root("common_name: First, key_type: rsa")));
      await configure(server.vault, itemsIn(root("common_name: Second, issuer_name: two")));

      expect(other.join()).toContain("common_name");
      expect(named.join()).toContain("one and not two");
      expect(typed.join()).toContain("key_type");
      expect(await server.vault.list("ca/issuers")).toEqual(before);
    });

    it("is adopted if another client created it, and gets the declared name", async () => {
      await server.vault.write("sys/mounts/adopted", { type: "pki" });
      await server.vault.write("adopted/root/generate/internal", { common_name: "Adopted", key_type: "ec" });
      const items = itemsIn(root("common_name: Adopted, issuer_name: ours", "adopted"));

      const { plan, applied } = await configure(server.vault, items);

      expect(linesOf(plan)).toEqual(["update adopted/root: issuer_name"]);
      expect(failuresIn(applied)).toEqual([]);
      expect(linesOf(await planOf(server.vault, items))).toEqual([]);
    });

    it("equals the declared one for multiple and escaped subject attributes", async () => {
      const subject = `
        common_name: ' #1 "Root" + <Sons>; \\ = '
        organization: ["Example, Inc.", "A + O=B", Ünï]
        ou: [One, Two]
        country: [DE, FR]
        locality: ["L, l"]
        province: [P=p]
        street_address: ["1 + 1 Street", "Line 2"]
        postal_code: ["0123+4"]
        key_type: ec`;
      const items = itemsIn(`secrets:\n  odd:\n    type: pki\n    root:${subject}\n`);

      const { applied } = await configure(server.vault, items);

      expect(failuresIn(applied)).toEqual([]);
      expect(linesOf(await planOf(server.vault, items))).toEqual([]);
    });

    it("is not created if another client created one after the plan", async () => {
      await server.vault.write("sys/mounts/raced", { type: "pki" });

      const failures = await applyOutdated(itemsIn(root("common_name: Ours", "raced")), () =>
        server.vault.write("raced/root/generate/internal", { common_name: "Theirs", key_type: "ec" }),
      );

      expect(failures.join()).toContain("already has a CA");
      expect(await server.vault.list("raced/issuers")).toHaveLength(1);
    });

    it("reuses the key of an interrupted run, is signed by its parent, and imports the chain", async () => {
      await server.vault.write("sys/mounts/below", { type: "pki" });
      const left = { common_name: "Left", key_type: "ec", key_bits: 384, key_name: "vault-hooks-ec-384" };
      await server.vault.write("below/intermediate/generate/internal", left);
      const key = "issuer_name: b, key_type: ec, key_bits: 384";
      const text = `secrets:\n  below: { type: pki, intermediate: { parent: ca, common_name: Below, ${key} } }\n`;

      const { applied } = await configure(server.vault, itemsIn(text));

      expect(failuresIn(applied)).toEqual([]);
      expect(await server.vault.list("below/keys")).toHaveLength(1);
      const { certificate, ca_chain } = await dataAt("below/issuer/b");
      const parent = new X509Certificate(String((await dataAt("ca/issuer/one"))["certificate"]));
      expect(new X509Certificate(String(certificate)).verify(parent.publicKey)).toBe(true);
      expect(ca_chain).toHaveLength(2);
      expect((await dataAt("below/config/issuers"))["default"]).toBe((await dataAt("below/issuer/b"))["issuer_id"]);
    });

    it("gets its own key if the mount has a key of another client", async () => {
      await server.vault.write("sys/mounts/shared", { type: "pki" });
      await server.vault.write("shared/intermediate/generate/internal", { common_name: "Other", key_type: "ec" });
      const fields = "parent: ca, common_name: Shared, key_type: rsa, key_bits: 2048";
      const items = itemsIn(`secrets:\n  shared: { type: pki, intermediate: { ${fields} } }\n`);

      const { applied } = await configure(server.vault, items);

      expect(failuresIn(applied)).toEqual([]);
      expect(linesOf(await planOf(server.vault, items))).toEqual([]);
      expect(await server.vault.list("shared/keys")).toHaveLength(2);
    });

    it("is not created with a key of the declared name but another size", async () => {
      await server.vault.write("sys/mounts/named", { type: "pki" });
      const key = { common_name: "Other", key_type: "ec", key_bits: 256, key_name: "mine" };
      await server.vault.write("named/intermediate/generate/internal", key);
      const made = (name: string) =>
        itemsIn(
          `secrets:\n  named: { type: pki, intermediate: { parent: ca, common_name: N, key_type: ec, key_bits: 384, key_name: ${name} } }\n`,
        );

      const refused = await configure(server.vault, made("mine"));
      const issuers = await server.vault.list("named/issuers");
      const { applied } = await configure(server.vault, made("other"));

      expect(failuresIn(refused.applied).join()).toContain("key_bits is 256");
      expect(issuers).toEqual([]);
      expect(failuresIn(applied)).toEqual([]);
    });

    it("is created after its parent in the same run", async () => {
      const text = `secrets:
  a-child: { type: pki, intermediate: { parent: z-parent, common_name: Child } }
  z-parent: { type: pki, root: { common_name: Parent } }
`;

      const { applied } = await configure(server.vault, itemsIn(text));

      expect(failuresIn(applied)).toEqual([]);
      expect(linesOf(await planOf(server.vault, itemsIn(text)))).toEqual([]);
    });
  });

  it("is never replaced: an SSH CA, also if another client created one after the plan", async () => {
    await server.vault.write("sys/mounts/ssh", { type: "ssh" });
    const items = itemsIn("secrets:\n  ssh: { type: ssh, ca: { key_type: ssh-ed25519 } }\n");

    const failures = await applyOutdated(items, () =>
      server.vault.write("ssh/config/ca", { key_type: "ssh-rsa", generate_signing_key: true }),
    );
    const refused = await refusalsOf(items);

    expect(failures.join()).toContain("already has a CA");
    expect(refused.join()).toContain("key_type");
    expect((await dataAt("ssh/config/ca"))["public_key"]).toMatch(/^ssh-rsa /);
  });

  it("may become exportable later, but never unexportable: a transit key", async () => {
    const key = (exportable: boolean) =>
      itemsIn(`secrets:\n  transit: { type: transit, keys: { k: { exportable: ${exportable} } } }\n`);
    await configure(server.vault, key(false));

    const { applied } = await configure(server.vault, key(true));
    const back = await refusalsOf(key(false));

    expect(failuresIn(applied)).toEqual([]);
    expect(back.join()).toContain("exportable is true in Vault and false");
  });
});

describe.each(["vault", "bao"] as const)("an ambiguous object, on %s", (kind) => {
  const server = useKindServer(kind);

  it("is refused: KV metadata without version 2 would be stored as a value", async () => {
    const text = "secrets:\n  old: { type: kv, config: { max_versions: 3 }, metadata: { a: { max_versions: 3 } } }\n";

    const { plan } = await configure(server.vault, itemsIn(text));

    expect(plan.refusals.map(({ item }) => item.path)).toEqual(["old/config", "old/metadata/a"]);
    expect(await server.vault.list("old")).toEqual([]);
  });

  it("is distinguished: KV values called config and metadata/a", async () => {
    const text = `secrets:
  kv:
    type: kv
    options: { version: "2" }
    config: { max_versions: 3 }
    metadata: { a: { max_versions: 2 } }
    values: { config: { x: y }, metadata/a: { x: z }, a: { x: "1" } }
`;

    const { applied } = await configure(server.vault, itemsIn(text));

    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, itemsIn(text)))).toEqual([]);
    expect((await server.vault.read("kv/data/metadata/a"))?.["data"]).toMatchObject({ data: { x: "z" } });
  });

  it("is not reported as done: a rejected write of an unreadable object", async () => {
    const text = `secrets:
  mq:
    type: rabbitmq
    config: { connection: { connection_uri: "http://127.0.0.1:1", username: a, password: b, verify_connection: true } }
`;

    const { applied } = await configure(server.vault, itemsIn(text));

    expect(failuresIn(applied).join()).toContain("mq/config/connection");
  });
});
