import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseLedger } from "../../../src/plan-apply/ledger/format.ts";
import type { Outcome } from "../../helpers/run-cli.ts";
import { type ConfigFixture, type Files, startConfigFixture } from "../configure/fixture.ts";

/** Its token_reviewer_jwt stands for all write-only fields. */
const path = "auth/hidden/config";
let fixture: ConfigFixture;
let tokens: string[];

beforeAll(async () => {
  fixture = await startConfigFixture();
  const outcome = await fixture.run("bootstrap", desired(undefined));
  expect(outcome.code, outcome.stderr).toBe(0);
  tokens = [];
  for (let n = 0; n < 8; n++) {
    tokens.push((await fixture.kube.kubectl(["-n", "vault", "create", "token", "vault-hooks-configure"])).trim());
  }
});

afterAll(async () => {
  await fixture.close();
});

function token(n: number): string {
  const found = tokens[n];
  if (found === undefined) throw new Error(`there is no token ${n}`);
  return found;
}

function desired(jwt: string | undefined, more = ""): Files {
  const hidden = jwt === undefined ? "" : `, token_reviewer_jwt: ${jwt}`;
  return {
    "vault.yaml": `
audit: { file: { type: file, options: { file_path: ${fixture.vaults.auditFile} } } }
auth:
  hidden: { type: kubernetes, config: { kubernetes_host: "https://kubernetes.default.svc"${hidden} } }
${more}`,
  };
}

/** Runs `act` and counts the writes to the object. */
async function writesDuring(act: () => Promise<Outcome>, to = path): Promise<{ outcome: Outcome; writes: number }> {
  const before = (await fixture.auditLog()).length;
  const outcome = await act();
  const after = (await fixture.auditLog()).slice(before);
  const writes = after.filter((entry) => entry.path === to && /create|update/.test(entry.operation)).length;
  return { outcome, writes };
}

const configure = (files?: Files) => writesDuring(() => fixture.run("configure", files));

const secretOf = ["-n", "vault-custody", "get", "secret", "vault-hooks-ledger", "-o=json"];
type Stored = { metadata: { resourceVersion: string; labels?: object }; data: Record<string, string> };
const stored = async () => JSON.parse(await fixture.kube.kubectl(secretOf)) as Stored;
const dropLedger = () => fixture.kube.kubectl(["-n", "vault-custody", "delete", "secret", "vault-hooks-ledger"]);

async function ledger() {
  const { data } = await stored();
  const texts = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]);
  return parseLedger(Object.fromEntries(texts));
}

describe("the ledger", () => {
  it("is created by the first configure, for this Vault, with every declared object and no other", async () => {
    const status = (await fixture.request("GET", "sys/seal-status")).body;

    const found = await ledger();

    expect(found?.clusterId).toBe(status["cluster_id"]);
    expect([...(found?.objects.entries() ?? [])]).toEqual([
      [path, { kind: "Kubernetes auth config", created: true, hashes: {} }],
      ["sys/audit/file", { kind: "audit device", created: true, hashes: {} }],
      ["sys/auth/hidden", { kind: "auth mount", created: true, hashes: {} }],
    ]);
  });
});

describe("a write-only field", () => {
  it("is written when it is first declared, and not again", async () => {
    const first = await configure(desired(token(0)));
    const { metadata } = await stored();
    const second = await configure();

    expect(first.outcome.code, first.outcome.stderr).toBe(0);
    expect([first.writes, second.writes]).toEqual([1, 0]);
    expect((await stored()).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  it("is planned without its value when it changed in Git, then written, and the next plan is empty", async () => {
    const planned = await fixture.run("plan", desired(token(1)));
    const configured = await configure();
    const again = await fixture.run("plan");

    expect(planned.code, planned.stderr).toBe(10);
    expect(JSON.parse(planned.stdout).plan.changes).toEqual([
      {
        op: "update",
        kind: "Kubernetes auth config",
        path,
        fields: [{ field: "token_reviewer_jwt", secret: true, writeOnly: true, note: "differs" }],
      },
    ]);
    expect(configured.writes).toBe(1);
    expect(again.code, again.stdout).toBe(0);
    for (const { stdout, stderr } of [planned, configured.outcome]) expect(stdout + stderr).not.toContain(token(1));
    expect(JSON.stringify(await stored())).not.toContain(Buffer.from(token(1)).toString("base64").slice(0, 40));
  });

  it("is shown to a person as differing, without its value", async () => {
    const planned = await fixture.run("plan", desired(token(2)), "--output=table");

    expect(planned.stdout).toContain(`~ Kubernetes auth config ${path}\n    token_reviewer_jwt: (differs, not shown)`);
  });
});

describe("a database connection's password", () => {
  const connection = (password: string): Files => ({
    "vault.yaml": `
secrets:
  databases:
    type: database
    connections:
      orders:
        plugin_name: postgresql-database-plugin
        connection_url: "postgresql://{{username}}:{{password}}@127.0.0.1:1/orders"
        verify_connection: false
        username: vault
        password: ${password}
`,
  });

  it("is written only when it changed in Git, and never shown", async () => {
    const during = (files: Files) => writesDuring(() => fixture.run("configure", files), "databases/config/orders");

    const runs = [
      await during(connection("first-password")),
      await during(connection("first-password")),
      await during(connection("second-password")),
      await during(connection("second-password")),
    ];

    for (const { outcome } of runs) {
      expect(outcome.code, outcome.stderr).toBe(0);
      expect(outcome.stdout + outcome.stderr).not.toMatch(/(first|second)-password/);
    }
    expect(runs.map(({ writes }) => writes)).toEqual([1, 0, 1, 0]);
  });
});

describe("a ledger that was lost", () => {
  it("is rebuilt without a write to Vault, and detects the next change", async () => {
    await dropLedger();

    const lost = await configure(desired(token(1)));
    const unchanged = await configure();
    const changed = await configure(desired(token(2)));

    expect(lost.outcome.code, lost.outcome.stderr).toBe(0);
    expect([lost.writes, unchanged.writes, changed.writes]).toEqual([0, 0, 1]);
    expect((await ledger())?.objects.get(path)).toMatchObject({ created: false });
  });

  it("is replaced, like one of another Vault", async () => {
    const other = { stringData: { cluster: "cluster_id:11111111-1111-1111-1111-111111111111" } };
    await fixture.kube.kubectl([
      "-n",
      "vault-custody",
      "patch",
      "secret",
      "vault-hooks-ledger",
      `-p=${JSON.stringify(other)}`,
    ]);
    const own = (await fixture.request("GET", "sys/seal-status")).body["cluster_id"];

    const { outcome, writes } = await configure(desired(token(2)));

    expect(outcome.code, outcome.stderr).toBe(0);
    expect(outcome.stderr).toContain("it belongs to the Vault with cluster_id 11111111-1111-1111-1111-111111111111");
    expect(writes).toBe(0);
    expect((await ledger())?.clusterId).toBe(own);
  });
});

describe("a change of a write-only field", () => {
  it("that Vault denied is not recorded as applied, and is applied by the next run", async () => {
    const denied = { status: 403, errors: ["permission denied"] };
    fixture.proxy.fault(denied, { times: 1, method: "POST", path: /^auth\/hidden\/config$/ });

    const refused = await configure(desired(token(3)));
    const next = await configure();

    expect(refused.outcome.code, refused.outcome.stderr).toBe(5);
    expect(refused.outcome.stdout).toContain('"done":[]');
    expect([next.outcome.code, next.writes]).toEqual([0, 1]);
  });

  it("that Kubernetes does not let record is reported, and written again by the next run", async () => {
    await fixture.kube.kubectl([
      "-n",
      "vault-custody",
      "patch",
      "secret",
      "vault-hooks-ledger",
      '-p={"immutable":true}',
    ]);

    const unrecorded = await configure(desired(token(4)));
    const again = await configure();

    expect(unrecorded.outcome.code).not.toBe(0);
    expect(unrecorded.outcome.stderr).toContain("cannot record the applied changes");
    expect(unrecorded.outcome.stdout).toContain(
      `"done":[{"op":"update","kind":"Kubernetes auth config","path":"${path}"}]`,
    );
    expect([unrecorded.writes, again.writes]).toEqual([1, 1]);
    await dropLedger();
  });
});

describe("concurrent runs", () => {
  it("all succeed, and the ledger has the objects of each", async () => {
    const policy = (name: string) => `policies: { ${name}: { hcl: 'path "a" { capabilities = ["read"] }' } }\n`;
    // each run must be given its own folder, since otherwise it uses the last one
    const runs = ["a", "b", "c"].map((name) => fixture.run("configure", desired(token(4), policy(`by-${name}`))));

    const outcomes = await Promise.all(runs);

    for (const { code, stderr } of outcomes) expect(code, stderr).toBe(0);
    const found = [...((await ledger())?.objects.keys() ?? [])];
    expect(found).toEqual(expect.arrayContaining(["a", "b", "c"].map((name) => `sys/policies/acl/by-${name}`)));
    const afterwards = await configure(desired(token(4)));
    expect([afterwards.outcome.code, afterwards.writes]).toEqual([0, 0]);
  });
});
