import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectDir } from "../../cluster/paths.ts";
import { type Outcome, startCli } from "../../helpers/run-cli.ts";
import { type ConfigFixture, startConfigFixture } from "./fixture.ts";
import { appliedOf, failure, part, planOf } from "./sample.ts";

let fixture: ConfigFixture;

beforeAll(async () => {
  fixture = await startConfigFixture();
  await fixture.reset();
  for (const file of ["hooks/base/configure/rbac.yaml", "hooks/base/drift/rbac.yaml"])
    await fixture.kube.apply(await readFile(join(projectDir, file), "utf8"));
});
afterAll(() => fixture.close());

const ref = (name: string, key: string) => `{ secretKeyRef: { name: ${name}, key: ${key} } }`;

function desired(password = ref("mq", "password")) {
  return {
    "vault.yaml": `
audit: { file: { type: file, options: { file_path: ${fixture.vaults.auditFile}, log_raw: "true" } } }
secrets:
  mq:
    type: rabbitmq
    config:
      connection:
        connection_uri: http://mq:15672
        username: ${ref("mq", "username")}
        password: ${password}
        verify_connection: false
  kv:
    type: kv
    options: { version: "2" }
    values:
      app: { user: ann, password: ${ref("mq", "password")} }
`,
  };
}

async function store(name: string, data: Readonly<Record<string, string>>): Promise<void> {
  await fixture.kube.apply(
    JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "vault" }, stringData: data }),
  );
}

async function remove(...names: string[]): Promise<void> {
  await fixture.kube.kubectl(["-n", "vault", "delete", "secret", "--ignore-not-found", ...names]);
}

async function allow(...accounts: string[]): Promise<void> {
  const text = await readFile(join(projectDir, "hooks/secrets/role.yaml"), "utf8");
  const subjects = accounts.map((name) => `  - { kind: ServiceAccount, name: ${name}, namespace: vault }\n`).join("");
  const [role = "", binding = ""] = text.split("\n---\n");
  const named = role.replace(/resourceNames:\n[\s\S]*$/, "resourceNames: [mq]\n");
  await fixture.kube.apply(`${named}---\n${binding.replace(/subjects:\n[\s\S]*$/, `subjects:\n${subjects}`)}`);
}

/** Runs a command like its Job: in a pod, with its ServiceAccount's token and the permissions from hooks/. */
async function runAsHook(command: "configure" | "plan"): Promise<Outcome> {
  const hosts = { "vault-0.vault-internal.vault.svc": fixture.vaults.ips[0] ?? "" };
  const podView = await fixture.kube.podViewFor("vault", `vault-hooks-${command}`, hosts);
  const files = { ...podView.secrets, "desired/vault.yaml": desired()["vault.yaml"] };
  const env = {
    ...fixture.kube.podEnv,
    VAULT_HOOKS_CONFIG: "/var/run/secrets/desired",
    VAULT_HOOKS_TOKEN_FILE: "/var/run/secrets/vault-hooks/token",
    VAULT_HOOKS_TIMEOUT: "40s",
  };
  return await (await startCli([command], { podView: { hosts: podView.hosts, secrets: files }, env })).outcome;
}

/** Runs configure outside the cluster, with a kubeconfig that may do what the hook may do. */
async function runWithKubeconfig(): Promise<Outcome> {
  const account = ["vault", "vault-hooks-configure"] as const;
  const kubeconfig = await fixture.kube.kubeconfigFor(...account);
  const token = await fixture.file("token", await fixture.kube.tokenFor(...account, "vault-hooks"));
  const config = dirname(await fixture.file("own/vault.yaml", desired()["vault.yaml"]));
  const flags = { config, kubeconfig, address: fixture.proxy.address, "token-file": token, timeout: "40s" };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  return await (await startCli(["configure", ...args])).outcome;
}

const output = ({ stdout, stderr }: Outcome) => stdout + stderr;

async function kvPassword(): Promise<unknown> {
  const { body } = await fixture.request("GET", "kv/data/app");
  return (body["data"] as { data: { password: string } } | undefined)?.data.password;
}

/** The requests that wrote the connection, with their bodies in clear. */
async function connectionsWritten(): Promise<{ username: string; password: string }[]> {
  const lines = (await readFile(fixture.vaults.auditFile, "utf8")).split("\n").filter((line) => line !== "");
  const entries = lines.map((line) => JSON.parse(line));
  return entries
    .filter(({ type, request }) => type === "request" && request.path === "mq/config/connection")
    .map(({ request }) => request.data);
}

describe("values from Kubernetes Secrets", () => {
  it("stop configure with exit code 3 before it writes anything, while a Secret or a key is missing", async () => {
    const noSecret = await fixture.run("configure", desired());
    await store("mq", { username: "planted-user" });
    const noKey = await fixture.run("configure");
    const planned = await fixture.run("plan");
    const mounts = await fixture.request("GET", "sys/mounts");

    expect([noSecret.code, noKey.code, planned.code], output(noSecret)).toEqual([3, 3, 3]);
    expect(failure(noSecret)["error"]).toContain("Secret mq in namespace vault does not exist");
    expect(failure(noKey)["error"]).toContain("Secret mq in namespace vault has no key password");
    expect(planOf(planned).troubles).toMatchObject([{ path: "kv/app", exitCode: 3 }, { path: "mq/config/connection" }]);
    expect(Object.keys(mounts.body)).not.toContain("mq/");
    expect(await fixture.secret("vault-root-token")).toBeUndefined();
  });

  it("are refused when they are empty", async () => {
    await store("mq", { username: "planted-user", password: "" });

    const outcome = await fixture.run("configure", desired());

    expect(outcome.code, output(outcome)).toBe(4);
    expect(failure(outcome)["error"]).toContain("key password of Secret mq in namespace vault is empty");
  });

  it("are written, and never shown in a plan, a log, the ledger or an Event", async () => {
    await store("mq", { username: "planted-user", password: "planted-first" });

    const planned = await fixture.run("plan", desired());
    const configured = await fixture.run("configure", desired(), "--log-level=debug");
    const ledger = await fixture.kube.kubectl(["-n", "vault-custody", "get", "secret,configmap,event", "-o=yaml"]);
    const decoded = JSON.stringify(await fixture.secret("vault-hooks-ledger"));

    expect(planned.code, output(planned)).toBe(10);
    expect(configured.code, output(configured)).toBe(0);
    expect(await kvPassword()).toBe("planted-first");
    expect(await connectionsWritten()).toMatchObject([{ username: "planted-user", password: "planted-first" }]);
    const all = [output(planned), output(configured), ledger, decoded].join("\n");
    expect(all).not.toMatch(/planted|cGxhbnRlZ/);
    expect(planned.stdout).toContain('"from":[{"secret":"mq","key":"password"}]');
  });

  it("are written again only when the Secret changes, and are then planned as changes", async () => {
    const same = await fixture.run("configure", desired());
    await store("mq", { password: "planted-second" });
    const planned = await fixture.run("plan");
    const changed = await fixture.run("configure");
    const after = await fixture.run("plan");

    expect(appliedOf(same).done).toEqual([]);
    expect(planOf(planned).changes).toMatchObject([
      { path: "kv/app", fields: [{ field: "password", note: "differs" }] },
      { path: "mq/config/connection", fields: [{ field: "password", from: [{ secret: "mq", key: "password" }] }] },
    ]);
    expect(appliedOf(changed).done).toMatchObject([{ path: "kv/app" }, { path: "mq/config/connection" }]);
    expect(after.code, output(after)).toBe(0);
    expect(await kvPassword()).toBe("planted-second");
    expect((await connectionsWritten()).map(({ password }) => password)).toEqual(["planted-first", "planted-second"]);
  });

  it("are equal to the same value as a literal", async () => {
    const literal = await fixture.run("plan", desired("planted-second"));

    expect(literal.code, output(literal)).toBe(0);
  });

  it("are read once, so a Secret that changes during a run is used as it was", async () => {
    await store("mq", { password: "planted-third" });
    const { proxy } = fixture;
    proxy.fault({ delayMs: 3_000 }, { path: /sys\/mounts/, times: 1 });
    const before = proxy.requests.length;
    const running = await fixture.start("configure", desired());
    // the run reads Secrets before it logs in
    const hasLoggedIn = () => proxy.requests.slice(before).some((each) => each.includes("auth/vault-hooks/login"));
    await expect.poll(hasLoggedIn, { timeout: 30_000 }).toBe(true);
    await store("mq", { password: "planted-later" });
    const outcome = await running.outcome;
    const next = await fixture.run("plan");

    expect(outcome.code, output(outcome)).toBe(0);
    expect(await kvPassword()).toBe("planted-third");
    expect((await connectionsWritten()).at(-1)?.password).toBe("planted-third");
    expect(planOf(next).changes).toMatchObject([{ path: "kv/app" }, { path: "mq/config/connection" }]);
  });

  it("keep a line break at their end, with a warning that does not show them", async () => {
    await store("mq", { password: "planted-line\n" });

    const outcome = await fixture.run("configure", desired());

    expect(outcome.code, output(outcome)).toBe(0);
    expect(await kvPassword()).toBe("planted-line\n");
    expect(outcome.stderr).toContain("key password of Secret mq in namespace vault");
    expect(outcome.stderr).toContain("ends with a line break");
    expect(output(outcome)).not.toContain("planted");
  });
});

describe("a Secret that is missing", () => {
  it("does not keep configure from repairing the login of vault-hooks", async () => {
    await remove("mq");
    await fixture.request("DELETE", "sys/policies/acl/vault-hooks-plan");

    const outcome = await fixture.run("configure", desired());
    const policy = await fixture.request("GET", "sys/policies/acl/vault-hooks-plan");

    expect(outcome.code, output(outcome)).toBe(3);
    expect(policy.status).toBe(200);
  });
});

describe("an error of Vault that repeats a value from a Secret", () => {
  it("is shown without the value", async () => {
    await store("mq", { username: "planted-user", password: "planted-quoted\n" });
    const errors = ["dial amqp://planted-user:planted-quoted@mq:5672: refused"];
    fixture.proxy.fault({ status: 400, errors }, { path: /^mq\/config\/connection/ });

    const outcome = await fixture.run("configure", desired());
    fixture.proxy.clearFaults();

    expect(outcome.code, output(outcome)).toBe(5);
    expect(output(outcome)).toContain("@mq:5672: refused");
    expect(output(outcome)).not.toContain("planted");
  });
});

describe("the right to read Secrets", () => {
  it("is missing by default: configure ends with exit code 5 and the rule to add, plan says what it cannot compare", async () => {
    await store("mq", { username: "planted-user", password: "planted-line\n" });

    const configured = await runAsHook("configure");
    const planned = await runAsHook("plan");

    expect(configured.code, output(configured)).toBe(5);
    expect(failure(configured)["error"]).toContain("get Secret mq in namespace vault");
    expect(failure(configured)["todo"]).toContain("resourceNames: [mq]");
    expect(planned.code, output(planned)).toBe(0);
    expect(part(planned, "plan")).toMatchObject({
      changes: [],
      uncompared: [
        { path: "kv/app", fields: [{ field: "password", from: [{ secret: "mq", key: "password" }] }] },
        { path: "mq/config/connection", fields: [{ field: "username" }, { field: "password" }] },
      ],
    });
  });

  it("is one line in Git for each Secret; with it, configure writes and plan compares", async () => {
    await allow("vault-hooks-configure", "vault-hooks-plan");
    await store("mq", { password: "planted-fourth" });

    const planned = await runAsHook("plan");
    const configured = await runAsHook("configure");

    expect(planned.code, output(planned)).toBe(10);
    expect(part(planned, "plan")).toMatchObject({
      uncompared: [],
      changes: [{ path: "kv/app" }, { path: "mq/config/connection" }],
    });
    expect(configured.code, output(configured)).toBe(0);
    expect(await kvPassword()).toBe("planted-fourth");
  });

  it("is that of the kubeconfig when configure runs outside the cluster", async () => {
    const permitted = await runWithKubeconfig();
    await fixture.kube.kubectl(["-n", "vault", "delete", "rolebinding", "vault-hooks-secrets"]);
    const denied = await runWithKubeconfig();

    expect(permitted.code, output(permitted)).toBe(0);
    expect(denied.code, output(denied)).toBe(5);
    expect(failure(denied)["error"]).toContain("get Secret mq in namespace vault");
    await remove("mq");
  });
});
