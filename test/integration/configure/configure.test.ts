import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConfigFixture, startConfigFixture } from "./fixture.ts";
import { appliedOf, desired, failure, type Json, planOf } from "./sample.ts";

let fixture: ConfigFixture;

beforeAll(async () => {
  fixture = await startConfigFixture();
});

afterAll(async () => {
  await fixture.close();
});

describe("a bootstrap with an invalid configuration", () => {
  it("ends with exit code 2 before it initialises Vault", async () => {
    const outcome = await fixture.run("bootstrap", { "vault.yaml": "secret: {}" });

    expect(outcome.code, outcome.stderr).toBe(2);
    expect((await fixture.requestWith("", "GET", "sys/init")).body).toEqual({ initialized: false });
  });
});

describe("the first configure", () => {
  it("applies the whole desired state, as part of bootstrap", async () => {
    const outcome = await fixture.run("bootstrap", desired(fixture.vaults.auditFile));

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(appliedOf(outcome).failed).toEqual([]);
    expect(appliedOf(outcome).done.length).toBe(11);
  });

  it("leaves no root token: its Secret is deleted, and Vault has only tokens of logins", async () => {
    const secrets = await fixture.kube.kubectl(["-n", "vault-custody", "get", "secrets", "-o=name"]);
    const accessors = await fixture.request("LIST", "auth/token/accessors");

    expect(secrets).toContain("secret/vault-unseal-keys");
    expect(secrets).not.toContain("vault-root-token");
    expect(secrets).not.toContain("vault-init-answer");
    // the token of this request
    expect((accessors.body["data"] as { keys: string[] }).keys).toHaveLength(1);
  });

  it("generates a value once, with the declared length, and never shows it", async () => {
    const first = await fixture.request("GET", "kvv2/data/webapp/config");
    const outcome = await fixture.run("configure");
    const second = await fixture.request("GET", "kvv2/data/webapp/config");
    const { data } = first.body["data"] as { data: { username: string; password: string } };

    expect(data.username).toBe("static-user");
    expect(data.password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(second.body["data"]).toEqual(first.body["data"]);
    expect(outcome.stdout + outcome.stderr).not.toContain(data.password);
  });
});

describe("a configure without changes", () => {
  it("writes nothing to Vault except its login and its revocation", async () => {
    const writesIn = (entries: { operation: string }[]) =>
      entries.filter(({ operation }) => /create|update|delete|patch/.test(operation));
    await fixture.request("POST", "kvv2/data/seen", { data: { a: "b" } });
    const before = await fixture.auditLog();
    expect(writesIn(before)).toContainEqual({ operation: "create", path: "kvv2/data/seen" });

    const outcome = await fixture.run("configure");

    expect(outcome.code, outcome.stderr).toBe(0);
    const writes = writesIn((await fixture.auditLog()).slice(before.length));
    expect(writes).toEqual([
      { operation: "update", path: "auth/vault-hooks/login" },
      { operation: "update", path: "auth/token/revoke-self" },
    ]);
  });

  it("is planned with exit code 0", async () => {
    const outcome = await fixture.run("plan");

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(planOf(outcome).changes).toEqual([]);
  });
});

describe("a change by hand", () => {
  it("is shown by plan with exit code 10 and reverted by configure, which keeps other keys of a KV value", async () => {
    await fixture.request("POST", "auth/demo-auth-mount/role/role1", {
      bound_service_account_names: "*",
      bound_service_account_namespaces: "app",
      token_ttl: "1h",
    });
    await fixture.request("POST", "kvv2/data/webapp/config", { data: { username: "someone", other: "kept" } });
    await fixture.request("DELETE", "sys/policies/acl/dev");

    const planned = await fixture.run("plan");
    const configured = await fixture.run("configure");
    const again = await fixture.run("plan");

    expect(planned.code, planned.stderr).toBe(10);
    const paths = planOf(planned).changes.map(({ path }) => path);
    expect(paths).toEqual(["auth/demo-auth-mount/role/role1", "kvv2/webapp/config", "sys/policies/acl/dev"]);
    expect(planned.stdout).not.toContain("someone");
    expect(configured.code, configured.stderr).toBe(0);
    expect(again.code).toBe(0);
    const { body } = await fixture.request("GET", "kvv2/data/webapp/config");
    expect((body["data"] as { data: Json }).data).toMatchObject({ username: "static-user", other: "kept" });
  });
});

describe("configure", () => {
  it("refuses to change a mount's type with exit code 4, and applies everything that does not depend on it", async () => {
    const files = {
      "vault.yaml":
        'secrets:\n  kvv2: { type: transit, keys: { k: {} } }\npolicies:\n  more: { hcl: "path \\"a\\" { capabilities = [\\"read\\"] }" }\n',
    };

    const outcome = await fixture.run("configure", files);

    expect(outcome.code).toBe(4);
    expect(outcome.stdout).toMatch(/sys\/mounts\/kvv2: type is .*kv.* in Vault and .*transit/);
    expect(appliedOf(outcome).done.map(({ path }) => path)).toEqual(["sys/policies/acl/more"]);
  });

  it("names every object that Vault refused, and applies the others", async () => {
    const files = {
      "vault.yaml":
        "auth:\n  k2: { type: kubernetes, config: { kubernetes_host: https://kubernetes.default.svc }, roles: { bad: { bound_service_account_names: [a], bound_service_account_namespaces: [a], token_ttl: 2h, token_max_ttl: 1h } } }\nsecrets:\n  t2: { type: transit, keys: { fine: {} } }\n",
    };

    const outcome = await fixture.run("configure", files);

    expect(outcome.code).toBe(5);
    expect(appliedOf(outcome).failed).toMatchObject([{ path: "auth/k2/role/bad", exitCode: 5 }]);
    expect(appliedOf(outcome).done.map(({ path }) => path)).toContain("t2/keys/fine");
  });

  it("writes nothing if the configuration is invalid, ends with exit code 2 and locates every error", async () => {
    const before = (await fixture.auditLog()).length;

    const outcome = await fixture.run("configure", {
      "vault.yaml": "policies:\n  vault-hooks: { hcl: x }\nsecret:\n  kvv2: { type: kv }\n",
    });

    expect(outcome.code).toBe(2);
    expect(failure(outcome)["error"]).toContain("vault.yaml:2:3");
    expect(failure(outcome)["error"]).toContain("vault.yaml:3:1");
    expect(await fixture.auditLog()).toHaveLength(before);
  });
});

describe("a configure whose login is incomplete", () => {
  /** A token that does not end with the login. */
  async function requestOfOrphan() {
    const { body } = await fixture.request("POST", "auth/token/create-orphan", { policies: ["vault-hooks"] });
    const { client_token: token } = body["auth"] as { client_token: string };
    return (method: string, path: string, data?: unknown) => fixture.requestWith(token, method, path, data);
  }
  const mount = { type: "kubernetes" };
  const config = { kubernetes_host: "https://kubernetes.default.svc" };

  it("refuses with exit code 4 if nobody has made the role, and says how to make the login", async () => {
    const role = (await fixture.request("GET", "auth/vault-hooks/role/configure")).body["data"];
    const request = await requestOfOrphan();
    await request("DELETE", "auth/vault-hooks/role/configure");

    const outcome = await fixture.run("configure", { "vault.yaml": "{}" });
    await request("POST", "auth/vault-hooks/role/configure", role);

    expect(outcome.code, outcome.stderr).toBe(4);
    expect(failure(outcome)["error"]).toContain('invalid role name "configure"');
    expect(failure(outcome)["todo"]).toContain("vault-custody/vault-root-token");
    expect((await fixture.run("configure")).code).toBe(0);
  });

  it("refuses with exit code 4 if nobody has written the config of the mount", async () => {
    const role = (await fixture.request("GET", "auth/vault-hooks/role/configure")).body["data"];
    const request = await requestOfOrphan();
    await request("DELETE", "sys/auth/vault-hooks");
    await request("POST", "sys/auth/vault-hooks", mount);
    await request("POST", "auth/vault-hooks/role/configure", role);

    const outcome = await fixture.run("configure", { "vault.yaml": "{}" });
    await request("POST", "auth/vault-hooks/config", config);

    expect(outcome.code, outcome.stderr).toBe(4);
    expect(failure(outcome)["error"]).toContain("could not load backend configuration");
    expect(failure(outcome)["todo"]).toContain("vault-custody/vault-root-token");
    expect((await fixture.run("configure")).code).toBe(0);
  });
});

describe("a configure whose login was deleted", () => {
  it("refuses with exit code 4 or 5 and says how to make a root token and where to store it", async () => {
    await fixture.request("DELETE", "sys/auth/vault-hooks");

    const outcome = await fixture.run("configure", { "vault.yaml": "{}" });

    expect([4, 5]).toContain(outcome.code);
    expect(String(failure(outcome)["todo"])).toContain("vault-custody/vault-root-token");
  });

  it("says that an unknown root token in custody must be deleted first", async () => {
    const secret = ["-n", "vault-custody", "create", "secret", "generic", "vault-root-token"];
    await fixture.kube.kubectl([...secret, "--from-literal=token=bm90LWRlY29kZWQteWV0"]);

    const outcome = await fixture.run("configure", { "vault.yaml": "{}" });

    expect([4, 5]).toContain(outcome.code);
    const text = `${failure(outcome)["error"]} ${failure(outcome)["todo"]}`;
    expect(text).toMatch(/this Vault does not know/);
    expect(text).toMatch(/[Dd]elete Secret vault-custody\/vault-root-token/);
  });
});
