import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ConfigFixture, startConfigFixture } from "../configure/fixture.ts";
import { type Json, planOf, warningsOf } from "../configure/sample.ts";

let fixture: ConfigFixture;

beforeAll(async () => {
  fixture = await startConfigFixture();
  await fixture.reset();
});
beforeEach(async () => {
  const { code, stderr } = await fixture.run("configure", { "vault.yaml": "{}" });
  expect(code, stderr).toBe(0);
});
afterAll(() => fixture.close());

const role = "auth/vault-hooks/role/configure";
const policy = "sys/policies/acl/vault-hooks";
const mount = "sys/auth/vault-hooks";

async function write(path: string, fields: Json): Promise<void> {
  const { status } = await fixture.request("POST", path, fields);
  expect(status).toBeLessThan(300);
}

async function currentRole(): Promise<Json> {
  return (await fixture.request("GET", role)).body["data"] as Json;
}

const others = { bound_service_account_names: ["vault-hooks-configure", "evil"], audience: "vault-hooks" };
const widened = { ...others, bound_service_account_namespaces: ["vault"], token_policies: ["vault-hooks"] };

const hcl = 'path "a" { capabilities = ["read"] }';

describe("drift in the login of vault-hooks", () => {
  it("is planned by plan, repaired by configure, and logged as a warning by both", async () => {
    await write(role, widened);
    await write(`${mount}/tune`, { audit_non_hmac_request_keys: ["jwt"], max_lease_ttl: "1h" });
    await write(policy, { policy: 'path "*" { capabilities = ["create", "read", "update", "list", "sudo"] }' });

    const planned = await fixture.run("plan", { "vault.yaml": "secrets: { declared: { type: kv } }" });
    const untouched = await currentRole();
    const configured = await fixture.run("configure");
    const again = await fixture.run("plan");

    expect(planned.code, planned.stderr).toBe(10);
    const inOrder = [role, mount, "sys/mounts/declared", policy].map((path) => ({ path }));
    expect(planOf(planned).changes).toMatchObject(inOrder);
    expect(untouched["bound_service_account_names"]).toContain("evil");
    expect(configured.code, configured.stderr).toBe(0);
    expect(planOf(configured).changes).toMatchObject([{ path: "sys/mounts/declared" }]);
    for (const outcome of [planned, configured]) {
      const paths = warningsOf(outcome).map(({ path }) => path);
      expect(paths).toEqual(expect.arrayContaining([policy, mount, role]));
    }
    expect((await currentRole())["bound_service_account_names"]).toEqual(["vault-hooks-configure"]);
    expect([again.code, warningsOf(again)]).toEqual([0, []]);
  });

  it("that hides objects is repaired, and configure reads those objects again", async () => {
    const declared = { "vault.yaml": "policies: { seen: { file: seen.hcl } }", "seen.hcl": hcl };
    await fixture.run("configure", declared);
    const narrowed = `path "*" { capabilities = ["create", "read", "update", "list", "sudo"] }
      path "sys/policies/acl/seen" { capabilities = ["deny"] }`;
    await write(policy, { policy: narrowed });

    const outcome = await fixture.run("configure", declared);

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(planOf(outcome)).toMatchObject({ changes: [], troubles: [], unchanged: 1 });
    expect(warningsOf(outcome)).toContainEqual(expect.objectContaining({ path: policy }));
  });

  it("does not include the URL of the API server that an earlier run has recorded", async () => {
    const before = (await fixture.request("GET", "auth/vault-hooks/config")).body["data"];

    const outcome = await fixture.run("configure", undefined, "--kubernetes-host=https://elsewhere.example");

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(warningsOf(outcome)).toEqual([]);
    expect((await fixture.request("GET", "auth/vault-hooks/config")).body["data"]).toEqual(before);
  });

  it("is only logged by a run of another ServiceAccount, which the repair would lock out", async () => {
    const other = { ...widened, bound_service_account_namespaces: ["vault", "app"] };
    await write(role, other);
    await fixture.kube.kubectl(["create", "namespace", "app"]);
    await fixture.kube.kubectl(["-n", "app", "create", "serviceaccount", "evil"]);
    const token = await fixture.kube.kubectl(["-n", "app", "create", "token", "evil", "--audience=vault-hooks"]);

    const outcome = await fixture.run("configure", undefined, `--token-file=${await fixture.file("evil", token)}`);
    const left = await currentRole();
    const own = await fixture.run("configure");

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(warningsOf(outcome)).toMatchObject([{ path: role, msg: expect.stringContaining("not repaired") }]);
    expect(left["bound_service_account_namespaces"]).toEqual(["vault", "app"]);
    expect(own.code, own.stderr).toBe(0);
    expect((await currentRole())["bound_service_account_namespaces"]).toEqual(["vault"]);
  });
});

describe("another way in through the login of vault-hooks", () => {
  const config = "auth/vault-hooks/config";
  const own = { kubernetes_host: "https://kubernetes.default.svc" };
  const liveConfig = async () => (await fixture.request("GET", config)).body["data"];

  it("that is a different config is logged by configure and plan with each changed field, and is not repaired", async () => {
    const before = await liveConfig();
    const reviewer = await fixture.kube.kubectl(["-n", "vault", "create", "token", "vault"]);
    const changed = {
      kubernetes_host: "https://kubernetes.default.svc:443",
      issuer: "https://elsewhere.example",
      disable_iss_validation: true,
      token_reviewer_jwt: reviewer.trim(),
    };
    await write(config, changed);

    const outcomes = [await fixture.run("configure"), await fixture.run("plan")];
    const left = await liveConfig();
    await write(config, own);
    const again = await fixture.run("configure");

    for (const outcome of outcomes) {
      expect(outcome.code, outcome.stderr).toBe(0);
      expect(warningsOf(outcome)).toMatchObject([
        {
          path: config,
          changed: ["kubernetes_host", "token_reviewer_jwt", "issuer"],
          found: "https://kubernetes.default.svc:443",
          msg: expect.stringContaining("not repaired"),
          todo: expect.stringContaining("VAULT_HOOKS_KUBERNETES_HOST"),
        },
      ]);
    }
    expect(left).toMatchObject({ kubernetes_host: "https://kubernetes.default.svc:443", token_reviewer_jwt_set: true });
    expect([again.code, warningsOf(again)]).toEqual([0, []]);
    expect(await liveConfig()).toEqual(before);
  });

  it("that is a URL which the run's settings name is recorded, and accepted by a run with other settings", async () => {
    const other = "https://kubernetes.default.svc:443";
    await write(config, { kubernetes_host: other });

    const unknown = await fixture.run("configure");
    const named = await fixture.run("configure", undefined, `--kubernetes-host=${other}`);
    const later = await fixture.run("plan");
    await write(config, own);

    expect(warningsOf(unknown)).toMatchObject([{ path: config, changed: ["kubernetes_host"] }]);
    expect(warningsOf(named)).toEqual([]);
    expect(warningsOf(later)).toEqual([]);
  });

  it("that is another role is logged by configure and plan, and is not deleted", async () => {
    const second = "auth/vault-hooks/role/second";
    await write(second, widened);

    const outcomes = [await fixture.run("configure"), await fixture.run("plan")];
    const left = await fixture.request("GET", second);
    await fixture.request("DELETE", second);
    const again = await fixture.run("plan");

    for (const outcome of outcomes) {
      expect(outcome.code, outcome.stderr).toBe(0);
      expect(warningsOf(outcome)).toMatchObject([{ path: "auth/vault-hooks/role", roles: ["second"] }]);
    }
    expect(left.status).toBe(200);
    expect(warningsOf(again)).toEqual([]);
  });
});

describe("a policy that is referenced but not declared", () => {
  const referenceTo = (policy: string) => ({
    "vault.yaml": `auth: { people: { type: userpass, users: { ann: { password: planted-one, token_policies: [${policy}] } } } }`,
  });

  it("causes a warning of configure and plan only if Vault does not have it either", async () => {
    await write("sys/policies/acl/by-hand", { policy: 'path "a" { capabilities = ["read"] }' });

    const outcomes = [await fixture.run("configure", referenceTo("by-hand")), await fixture.run("plan")];
    const misspelt = [await fixture.run("configure", referenceTo("by-hnd")), await fixture.run("plan")];

    for (const outcome of outcomes) expect([outcome.code, warningsOf(outcome)]).toEqual([0, []]);
    for (const outcome of misspelt) {
      expect(warningsOf(outcome)).toMatchObject([
        {
          warning: expect.stringContaining(
            "names the policy by-hnd, which is not declared here, and Vault does not have",
          ),
        },
      ]);
      expect(outcome.stderr).toContain("did you mean by-hand?");
    }
  });
});
