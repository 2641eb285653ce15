import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outcome } from "../../helpers/run-cli.ts";
import { type ConfigGround, startConfigGround } from "../configure/fixture.ts";
import { type Json, planOf } from "../configure/sample.ts";

let ground: ConfigGround;

beforeAll(async () => {
  ground = await startConfigGround();
  await ground.begin();
});
beforeEach(async () => {
  const { code, stderr } = await ground.run("configure", { "vault.yaml": "{}" });
  expect(code, stderr).toBe(0);
});
afterAll(() => ground.close());

const role = "auth/vault-hooks/role/configure";
const policy = "sys/policies/acl/vault-hooks";
const mount = "sys/auth/vault-hooks";

function warningsOf({ stderr }: Outcome): Json[] {
  const lines = stderr.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Json).filter(({ level }) => level === "warn");
}

async function change(path: string, fields: Json): Promise<void> {
  const { status } = await ground.ask("POST", path, fields);
  expect(status).toBeLessThan(300);
}

async function roleIs(): Promise<Json> {
  return (await ground.ask("GET", role)).body["data"] as Json;
}

const others = { bound_service_account_names: ["vault-hooks-configure", "evil"], audience: "vault-hooks" };
const widened = { ...others, bound_service_account_namespaces: ["vault"], token_policies: ["vault-hooks"] };

const hcl = 'path "a" { capabilities = ["read"] }';

describe("the login of vault-hooks itself", () => {
  it("that somebody changed is shown by plan, put back by configure, and warned of by both", async () => {
    await change(role, widened);
    await change(`${mount}/tune`, { audit_non_hmac_request_keys: ["jwt"], max_lease_ttl: "1h" });
    await change(policy, { policy: 'path "*" { capabilities = ["create", "read", "update", "list", "sudo"] }' });

    const planned = await ground.run("plan", { "vault.yaml": "secrets: { declared: { type: kv } }" });
    const still = await roleIs();
    const configured = await ground.run("configure");
    const again = await ground.run("plan");

    expect(planned.code, planned.stderr).toBe(10);
    const inOrder = [role, mount, "sys/mounts/declared", policy].map((path) => ({ path }));
    expect(planOf(planned).changes).toMatchObject(inOrder);
    expect(still["bound_service_account_names"]).toContain("evil");
    expect(configured.code, configured.stderr).toBe(0);
    expect(planOf(configured).changes).toMatchObject([{ path: "sys/mounts/declared" }]);
    for (const outcome of [planned, configured]) {
      const paths = warningsOf(outcome).map(({ path }) => path);
      expect(paths).toEqual(expect.arrayContaining([policy, mount, role]));
    }
    expect((await roleIs())["bound_service_account_names"]).toEqual(["vault-hooks-configure"]);
    expect([again.code, warningsOf(again)]).toEqual([0, []]);
  });

  it("that somebody narrowed is put back, and what it could not see meanwhile is looked at again", async () => {
    const declared = { "vault.yaml": "policies: { seen: { file: seen.hcl } }", "seen.hcl": hcl };
    await ground.run("configure", declared);
    const blind = `path "*" { capabilities = ["create", "read", "update", "list", "sudo"] }
      path "sys/policies/acl/seen" { capabilities = ["deny"] }`;
    await change(policy, { policy: blind });

    const outcome = await ground.run("configure", declared);

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(planOf(outcome)).toMatchObject({ changes: [], troubles: [], unchanged: 1 });
    expect(warningsOf(outcome)).toContainEqual(expect.objectContaining({ path: policy }));
  });

  it("is not led to another API server by a run that knows it under another name", async () => {
    const before = (await ground.ask("GET", "auth/vault-hooks/config")).body["data"];

    const outcome = await ground.run("configure", undefined, "--kubernetes-host=https://elsewhere.example");

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(warningsOf(outcome)).toEqual([]);
    expect((await ground.ask("GET", "auth/vault-hooks/config")).body["data"]).toEqual(before);
  });

  it("is only warned of where this run came in by another ServiceAccount, which would be locked out", async () => {
    const other = { ...widened, bound_service_account_namespaces: ["vault", "app"] };
    await change(role, other);
    await ground.kube.kubectl(["create", "namespace", "app"]);
    await ground.kube.kubectl(["-n", "app", "create", "serviceaccount", "evil"]);
    const token = await ground.kube.kubectl(["-n", "app", "create", "token", "evil", "--audience=vault-hooks"]);

    const outcome = await ground.run("configure", undefined, `--token-file=${await ground.file("evil", token)}`);
    const left = await roleIs();
    const own = await ground.run("configure");

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(warningsOf(outcome)).toMatchObject([{ path: role, msg: expect.stringContaining("it is left so") }]);
    expect(left["bound_service_account_namespaces"]).toEqual(["vault", "app"]);
    expect(own.code, own.stderr).toBe(0);
    expect((await roleIs())["bound_service_account_namespaces"]).toEqual(["vault"]);
  });
});

describe("a policy that is named and not declared", () => {
  const named = (policy: string) => ({
    "vault.yaml": `auth: { people: { type: userpass, users: { ann: { password: planted-one, token_policies: [${policy}] } } } }`,
  });

  it("is warned of by configure and plan only where Vault does not have it either", async () => {
    await change("sys/policies/acl/by-hand", { policy: 'path "a" { capabilities = ["read"] }' });

    const outcomes = [await ground.run("configure", named("by-hand")), await ground.run("plan")];
    const nowhere = [await ground.run("configure", named("by-hnd")), await ground.run("plan")];

    for (const outcome of outcomes) expect([outcome.code, warningsOf(outcome)]).toEqual([0, []]);
    for (const outcome of nowhere) {
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
