import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { makeReady, type ReadyVault } from "../../helpers/ready-vault.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";

// hoisted above the imports: `debug` reads its variable when it is imported
vi.hoisted(() => {
  process.env["DEBUG"] = "*";
  process.env["VAULT_TOKEN"] = "from-the-environment";
  process.env["VAULT_SKIP_VERIFY"] = "true";
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  process.env["VAULT_NAMESPACE"] = "elsewhere";
  process.env["VAULT_ADDR"] = "http://127.0.0.1:1";
});

const { connectVault } = await import("../../../src/vault/client.ts");
const servername = "vault-0.vault-internal.vault.svc";
let servers: VaultServers;
let ready: ReadyVault;
let origin: string;
let ca: string;

beforeAll(async () => {
  servers = await startVault({ tls: true });
  origin = servers.addresses[0] ?? "";
  ca = servers.ca ?? "";
  ready = await makeReady(origin, { ca, servername });
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await ready?.vault.close();
  await servers?.close();
});

async function read(address: { ca?: string; servername?: string }, path: string, token?: string): Promise<unknown> {
  const withoutToken = connectVault({ name: "vault-0", origin, ...address }, { deadline: deadlineIn(20_000) });
  const vault = token === undefined ? withoutToken : withoutToken.withToken(token);
  return await vault.read(path).finally(() => vault.close());
}

it("connectVault ignores VAULT_TOKEN", async () => {
  await ready.vault.write("auth/token/create", { id: "from-the-environment" });

  await expect(read({ ca, servername }, "sys/mounts")).rejects.toMatchObject({ status: 403 });
  expect(await read({ ca, servername }, "sys/mounts", "from-the-environment")).toBeDefined();
});

it("connectVault prints nothing of a request or an answer when DEBUG is set", async () => {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);

  await ready.vault.write("sys/mounts/kv", { type: "kv" });
  await ready.vault.write("kv/a", { password: "sesame-12345" });
  await ready.vault.read("kv/a");

  expect(written.mock.calls.flat().join("")).not.toContain("sesame-12345");
});

it("connectVault trusts the given CA for the given name", async () => {
  expect(await read({ ca, servername }, "sys/seal-status")).toMatchObject({ sealed: false });
});

it.each([
  ["an unknown CA", () => ({ servername }), /self-signed certificate|unable to/, "with --ca-file"],
  [
    "a certificate with another name",
    () => ({ ca, servername: "other.vault-internal.vault.svc" }),
    /does not match/,
    "does not name this host",
  ],
])(
  "connectVault refuses %s at once, although the environment switches verification off",
  async (_, address, message, todo) => {
    const started = Date.now();

    const error = await read(address(), "sys/seal-status").catch((cause: unknown) => cause);

    expect(error).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
    expect(error).toMatchObject({ todo: expect.stringContaining(todo) });
    expect(Date.now() - started).toBeLessThan(10_000); // retries would take 12 s
  },
);
