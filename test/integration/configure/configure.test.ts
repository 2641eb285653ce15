import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConfigGround, startConfigGround } from "./fixture.ts";
import { appliedOf, desired, failure, type Json, planOf } from "./sample.ts";

let ground: ConfigGround;

beforeAll(async () => {
  ground = await startConfigGround();
});

afterAll(async () => {
  await ground.close();
});

describe("a bootstrap with a mistake in the configuration", () => {
  it("ends with exit code 2 before it initialises Vault", async () => {
    const outcome = await ground.run("bootstrap", { "vault.yaml": "secret: {}" });

    expect(outcome.code, outcome.stderr).toBe(2);
    expect((await ground.askWith("", "GET", "sys/init")).body).toEqual({ initialized: false });
  });
});

describe("the first configure", () => {
  it("sets up all of Vault from nothing, by bootstrap alone", async () => {
    const outcome = await ground.run("bootstrap", desired(ground.vaults.auditFile));

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(appliedOf(outcome).failed).toEqual([]);
    expect(appliedOf(outcome).done.length).toBe(11);
  });

  it("leaves no root token behind: its Secret is gone, and Vault knows no token but those of logins", async () => {
    const secrets = await ground.kube.kubectl(["-n", "vault-custody", "get", "secrets", "-o=name"]);
    const accessors = await ground.ask("LIST", "auth/token/accessors");

    expect(secrets).toContain("secret/vault-unseal-keys");
    expect(secrets).not.toContain("vault-root-token");
    expect(secrets).not.toContain("vault-init-answer");
    // the one that asked
    expect((accessors.body["data"] as { keys: string[] }).keys).toHaveLength(1);
  });

  it("makes a value once, of the length that was asked for, and never shows it", async () => {
    const first = await ground.ask("GET", "kvv2/data/webapp/config");
    const outcome = await ground.run("configure");
    const second = await ground.ask("GET", "kvv2/data/webapp/config");
    const { data } = first.body["data"] as { data: { username: string; password: string } };

    expect(data.username).toBe("static-user");
    expect(data.password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(second.body["data"]).toEqual(first.body["data"]);
    expect(outcome.stdout + outcome.stderr).not.toContain(data.password);
  });
});

describe("a configure with nothing to do", () => {
  it("writes nothing to Vault but its own login and the end of it", async () => {
    const written = (entries: { operation: string }[]) =>
      entries.filter(({ operation }) => /create|update|delete|patch/.test(operation));
    await ground.ask("POST", "kvv2/data/seen", { data: { a: "b" } });
    const before = await ground.audited();
    expect(written(before)).toContainEqual({ operation: "create", path: "kvv2/data/seen" });

    const outcome = await ground.run("configure");

    expect(outcome.code, outcome.stderr).toBe(0);
    const writes = written((await ground.audited()).slice(before.length));
    expect(writes).toEqual([
      { operation: "update", path: "auth/vault-hooks/login" },
      { operation: "update", path: "auth/token/revoke-self" },
    ]);
  });

  it("plans nothing, with exit code 0", async () => {
    const outcome = await ground.run("plan");

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(planOf(outcome).changes).toEqual([]);
  });
});

describe("what someone changed by hand", () => {
  it("is shown by plan with exit code 10 and put back by configure; other keys of a KV value are kept", async () => {
    await ground.ask("POST", "auth/demo-auth-mount/role/role1", {
      bound_service_account_names: "*",
      bound_service_account_namespaces: "app",
      token_ttl: "1h",
    });
    await ground.ask("POST", "kvv2/data/webapp/config", { data: { username: "someone", other: "kept" } });
    await ground.ask("DELETE", "sys/policies/acl/dev");

    const planned = await ground.run("plan");
    const configured = await ground.run("configure");
    const again = await ground.run("plan");

    expect(planned.code, planned.stderr).toBe(10);
    const paths = planOf(planned).changes.map(({ path }) => path);
    expect(paths).toEqual(["auth/demo-auth-mount/role/role1", "kvv2/webapp/config", "sys/policies/acl/dev"]);
    expect(planned.stdout).not.toContain("someone");
    expect(configured.code, configured.stderr).toBe(0);
    expect(again.code).toBe(0);
    const { body } = await ground.ask("GET", "kvv2/data/webapp/config");
    expect((body["data"] as { data: Json }).data).toMatchObject({ username: "static-user", other: "kept" });
  });
});

describe("a configuration that Vault cannot follow", () => {
  it("refuses to change a mount's type with exit code 4, and applies what does not depend on it", async () => {
    const files = {
      "vault.yaml":
        'secrets:\n  kvv2: { type: transit, keys: { k: {} } }\npolicies:\n  more: { hcl: "path \\"a\\" { capabilities = [\\"read\\"] }" }\n',
    };

    const outcome = await ground.run("configure", files);

    expect(outcome.code).toBe(4);
    expect(outcome.stdout).toMatch(/sys\/mounts\/kvv2: type is .*kv.* in Vault and .*transit/);
    expect(appliedOf(outcome).done.map(({ path }) => path)).toEqual(["sys/policies/acl/more"]);
  });

  it("names every object that Vault refused, with what it said, and goes on with the others", async () => {
    const files = {
      "vault.yaml":
        "auth:\n  k2: { type: kubernetes, config: { kubernetes_host: https://kubernetes.default.svc }, roles: { bad: { bound_service_account_names: [a], bound_service_account_namespaces: [a], token_ttl: 2h, token_max_ttl: 1h } } }\nsecrets:\n  t2: { type: transit, keys: { fine: {} } }\n",
    };

    const outcome = await ground.run("configure", files);

    expect(outcome.code).toBe(5);
    expect(appliedOf(outcome).failed).toMatchObject([{ path: "auth/k2/role/bad", exitCode: 5 }]);
    expect(appliedOf(outcome).done.map(({ path }) => path)).toContain("t2/keys/fine");
  });

  it("touches nothing when the configuration is wrong, with exit code 2 and every mistake at its place", async () => {
    const before = (await ground.audited()).length;

    const outcome = await ground.run("configure", {
      "vault.yaml": "policies:\n  vault-hooks: { hcl: x }\nsecret:\n  kvv2: { type: kv }\n",
    });

    expect(outcome.code).toBe(2);
    expect(failure(outcome)["error"]).toContain("vault.yaml:2:3");
    expect(failure(outcome)["error"]).toContain("vault.yaml:3:1");
    expect(await ground.audited()).toHaveLength(before);
  });
});

describe("a Vault whose login is gone", () => {
  it("refuses with exit code 4 or 5 and says how to make a root token and where to put it", async () => {
    await ground.ask("DELETE", "sys/auth/vault-hooks");

    const outcome = await ground.run("configure", { "vault.yaml": "{}" });

    expect([4, 5]).toContain(outcome.code);
    expect(String(failure(outcome)["todo"])).toContain("vault-custody/vault-root-token");
  });

  it("says so where somebody put a token there that this Vault does not know, and that it must be deleted first", async () => {
    const secret = ["-n", "vault-custody", "create", "secret", "generic", "vault-root-token"];
    await ground.kube.kubectl([...secret, "--from-literal=token=bm90LWRlY29kZWQteWV0"]);

    const outcome = await ground.run("configure", { "vault.yaml": "{}" });

    expect([4, 5]).toContain(outcome.code);
    const said = `${failure(outcome)["error"]} ${failure(outcome)["todo"]}`;
    expect(said).toContain("none that it knows");
    expect(said).toMatch(/[Dd]elete (that Secret|Secret vault-custody\/vault-root-token)/);
  });
});
