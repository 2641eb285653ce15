import { describe, expect, it } from "vitest";
import { ExitCode } from "../../../src/errors.ts";
import { isTransient, VaultError } from "../../../src/vault/error.ts";

const error = (status: number, ...errors: string[]) => new VaultError("write a/b on vault-0", status, errors);

describe("a VaultError", () => {
  it.each([
    [307, ""],
    [412, ""],
    [429, "rate limit quota exceeded"],
    [502, "bad gateway"],
    [503, "Vault is sealed"],
    [503, "storage is full"],
    [500, ""],
    [500, "internal error"],
    [500, "local node not active but active cluster node not found"],
    [500, "error during forwarding RPC request: dial tcp 10.0.0.1:8201: connect: connection refused"],
    [500, "failed to persist mount table: leadership lost while committing log"],
    [500, "node is not the leader"],
    [500, "1 error occurred:\n\t* failed to audit response, cannot continue"],
    [500, "rpc error: code = Unavailable desc = transport is closing"],
    [500, "error reading configuration: context canceled"],
    [500, "write /vault/data/raft.db: no space left on device"],
    [500, "Vault is sealed"],
    [500, "please forward to the active node"],
    [500, "operation could not be completed as storage is read-only"],
    [500, "raft is already shutdown"],
    [500, "timed out enqueuing operation"],
    [500, "rpc error: code = Canceled desc = context canceled"],
    [500, "rpc error: code = DeadlineExceeded desc = deadline exceeded"],
  ])("whose cause is Vault's own state is transient, exit code 3, and waits for Vault: %i %s", (status, text) => {
    const { transient, exitCode, retries, todo } = error(status, ...(text === "" ? [] : [text]));

    expect({ transient, exitCode, retries }).toEqual({ transient: true, exitCode: ExitCode.notReady, retries: 8 });
    expect(todo).toMatch(status === 429 ? /limits the rate/ : /once Vault has recovered/);
  });

  it.each([
    "error creating database object: dial tcp 10.0.0.9:5432: connect: connection refused",
    "failed to connect to `host=db user=vault`: hostname resolving error: lookup db: no such host",
    "Get https://iam.example/: i/o timeout",
    "unable to read policies: dial tcp: lookup consul: network is unreachable",
    "failed to connect: hostname resolving error: lookup postgres-leader.db: no such host",
    "error verifying connection: dial tcp: lookup vault-is-sealed.raft storage is: no such host",
  ])("that names a system which Vault cannot reach is transient, and does not blame Vault: 500 %s", (text) => {
    const { transient, exitCode, todo } = error(500, text);

    expect({ transient, exitCode }).toEqual({ transient: true, exitCode: ExitCode.notReady });
    expect(todo).toContain("the system which Vault names");
  });

  it.each([
    "could not set plugin, plugin directory is not configured",
    "1 error occurred:\n\t* could not set plugin, plugin directory is not configured\n\n",
    'pq: password authentication failed for user "vault"',
    "ERROR: permission denied to create role (SQLSTATE 42501)",
    "failed to rotate root: Access denied for user 'root'@'10.0.0.1'",
    'role "dev" does not exist',
    "could not load backend configuration",
    "checksums did not match",
    "ERROR: cannot execute CREATE ROLE in a read-only transaction (SQLSTATE 25006)",
    "googleapi: Error 403: vault@example does not have storage.buckets.get access, denied",
    "rpc error: code = Internal desc = failed to create user: permission denied",
    'ERROR: role "storage-api" does not exist',
    "ERROR: database 'raft storage' does not exist, and can't be created",
    "role `Vault is sealed` does not exist",
    "unknown parameter leader_election of forwarder: upgrade the seal of the barrier",
    "InvalidClientTokenId: The security token included in the request is invalid",
  ])("whose words are about the request is final, exit code 5, after a few attempts: 500 %s", (text) => {
    const { transient, exitCode, retries, todo } = error(500, text);

    expect({ transient, exitCode, retries }).toEqual({ transient: false, exitCode: ExitCode.denied, retries: 3 });
    expect(todo).toContain("Correct what it names");
    expect(todo).not.toContain("recovered");
  });

  it.each([
    [400, "bad"],
    [403, "permission denied"],
    [404, ""],
    [405, "unsupported operation"],
  ])("of another status is final, and is not repeated: %i", (status, text) => {
    const { transient, exitCode, retries } = error(status, text);

    expect({ transient, exitCode, retries }).toEqual({ transient: false, exitCode: ExitCode.denied, retries: 0 });
  });

  it("about a value that is too large is final, and not repeated", () => {
    const { retries, exitCode, todo } = error(500, "put failed due to value being too large");

    expect([retries, exitCode]).toEqual([0, ExitCode.denied]);
    expect(todo).toContain("Make it smaller");
  });

  it("explains a 307, which has no words", () => {
    expect(error(307).message).toBe(
      "write a/b on vault-0: Vault answered 307: a standby that cannot forward the request to the leader",
    );
    expect(isTransient(307)).toBe(true);
  });
});
