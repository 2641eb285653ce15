import { describe, expect, it } from "vitest";
import { planJson, renderPlan } from "../../../src/configure/render.ts";
import type { Cluster } from "../../../src/connect/connection.ts";
import { type AppError, DeniedError, NotReadyError } from "../../../src/errors.ts";
import type { Item } from "../../../src/kinds/model/kind.ts";
import type { Secret } from "../../../src/kube/kube.ts";
import { createLogger } from "../../../src/logger.ts";
import { newLedger, updateLedger } from "../../../src/plan-apply/ledger/ledger.ts";
import type { Observed } from "../../../src/plan-apply/observe.ts";
import { plan } from "../../../src/plan-apply/plan.ts";
import {
  missingSecrets,
  readSecrets,
  resolveSecrets,
  type SecretsRead,
} from "../../../src/plan-apply/secret-values.ts";
import { redact } from "../../../src/redact.ts";
import { desiredOf } from "../desired/desired.ts";

const yaml = `
auth:
  dir: { type: ldap, config: { url: "ldaps://ldap.example", bindpass: {secretKeyRef: {name: dir, key: password}} } }
secrets:
  kv: { type: kv, options: { version: "2" }, values: { app: { a: {secretKeyRef: {name: dir, key: password}}, b: x } } }
`;
const { items } = desiredOf({ "a.yaml": yaml });
const [ldap, kv] = ["auth/dir/config", "kv/app"] as const;
const denied = new DeniedError('get Secret dir in namespace vault: Kubernetes denied it: User "ann" cannot get it', {
  todo: "Give it.",
});

function secretsOf(data: Readonly<Record<string, string>>, name = "dir"): SecretsRead {
  return new Map([[name, { name, uid: "u", resourceVersion: "1", data }]]);
}

const resolve = (found: SecretsRead, declared: readonly Item[] = items) => resolveSecrets(declared, found, "vault");

function desiredAt(path: string, declared: readonly Item[]) {
  return declared.find((item) => item.path === path)?.desired;
}

describe("resolveSecrets", () => {
  it("puts the value in place of each reference, as it is in the Secret", () => {
    const { items: resolved, failures } = resolve(secretsOf({ password: " a planted word\n" }));

    expect(failures).toEqual([]);
    expect(desiredAt(ldap, resolved)).toMatchObject({ bindpass: " a planted word\n" });
    expect(desiredAt(kv, resolved)).toMatchObject({ desired: { a: " a planted word\n", b: "x" } });
  });

  it.each<[string, SecretsRead, number, string]>([
    ["does not exist", new Map([["dir", undefined]]), 3, "Secret dir in namespace vault does not exist"],
    ["has no such key", secretsOf({ other: "x" }), 3, "Secret dir in namespace vault has no key password"],
    ["has the key only as an inherited property", secretsOf({}), 3, "has no key password"],
    ["is empty", secretsOf({ password: "" }), 4, "key password of Secret dir in namespace vault is empty"],
    ["is a line break", secretsOf({ password: "\n" }), 4, "is only white space"],
    ["is not text", secretsOf({ password: "a\ufffdb" }), 4, "is not valid UTF-8"],
    ["may not be read", new Map([["dir", denied]]), 5, "get Secret dir in namespace vault: Kubernetes denied it"],
  ])("fails for a Secret whose value %s, and names it and who needs it", (_, found, code, message) => {
    const { failures } = resolve(found);
    const error = missingSecrets(failures);

    expect(error?.exitCode).toBe(code);
    expect(error?.message).toContain(message);
    expect(error?.message).toContain("(bindpass of LDAP auth config auth/dir/config, a of KV value kv/app)");
    expect(error?.todo).toContain("No object of the configuration was written.");
  });

  it("names the RBAC rule to add where Kubernetes denies the read", () => {
    const { failures } = resolve(new Map([["dir", denied]]));

    expect(missingSecrets(failures)?.todo).toContain(
      '{ apiGroups: [""], resources: [secrets], verbs: [get], resourceNames: [dir] }',
    );
  });

  it("says nothing of RBAC where something else denies the read", () => {
    const quota = new DeniedError("get Secret dir in namespace vault: Kubernetes denied it: a webhook said no");
    const { failures } = resolve(new Map([["dir", quota]]));

    expect(missingSecrets(failures)?.todo).not.toContain("resourceNames");
  });

  it("reports all values that are missing at once, with the most severe exit code", () => {
    const two = desiredOf({
      "a.yaml": yaml.replace("a: {secretKeyRef: {name: dir", "a: {secretKeyRef: {name: app"),
    }).items;
    const found: SecretsRead = new Map<string, Secret | AppError | undefined>([
      ["dir", undefined],
      ["app", denied],
    ]);

    const error = missingSecrets(resolve(found, two).failures);

    expect(error).toBeInstanceOf(DeniedError);
    expect(error?.message).toMatch(
      /Secret dir .* does not exist \(bindpass .*\)\n.*denied it.* \(a of KV value kv\/app\)/,
    );
  });

  it("refuses a database URL with a password, which Vault would hide, so that every plan would differ", () => {
    const url = "{secretKeyRef: {name: dir, key: uri}}";
    const declared = desiredOf({
      "a.yaml": `secrets: { db: { type: database, connections: { c: { plugin_name: p, connection_url: ${url} } } } }`,
    }).items;
    const { failures } = resolve(secretsOf({ uri: ["postgresql", "://a:planted-one@db/x"].join("") }), declared);

    expect(missingSecrets(failures)).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining("a password in a URL"),
    });
    expect(missingSecrets(failures)?.message).not.toContain("planted");
  });
});

describe("readSecrets", () => {
  function clusterWith(data: Readonly<Record<string, string>>) {
    const [reads, lines]: string[][] = [[], []];
    const secret = async (namespace: string, name: string): Promise<Secret> => {
      reads?.push(`${namespace}/${name}`);
      return { name, uid: "u", resourceVersion: "1", data };
    };
    const log = createLogger({ level: "info", output: "json", color: false }, (line) => lines?.push(line));
    const run = { log, settings: { namespace: "vault", concurrency: 4 } };
    return { cluster: { kube: { secret }, run } as unknown as Cluster, reads, lines };
  }

  it("reads a Secret once, however many fields name it", async () => {
    const { cluster, reads } = clusterWith({ password: "one" });

    await readSecrets(cluster, items);

    expect(reads).toEqual(["vault/dir"]);
  });

  it.each([
    ["planted-line\n", 1],
    ["planted-line\r\n", 1],
    ["planted-line", 0],
    ["-----BEGIN X-----\nplanted\n-----END X-----\n", 0],
  ])("warns once of one line with a line break at its end, without the value: %j", async (password, count) => {
    const { cluster, lines } = clusterWith({ password });

    await readSecrets(cluster, items);

    expect(lines).toHaveLength(count);
    expect(lines?.join()).not.toContain("planted");
    if (count > 0) expect(lines?.join()).toContain("key password of Secret dir in namespace vault");
  });

  it("redacts a value also where another program repeats it without its line break", async () => {
    const { cluster } = clusterWith({ password: "planted-trimmed\n" });

    await readSecrets(cluster, items);

    expect(redact("bind failed for planted-trimmed.")).toBe("bind failed for [redacted].");
  });
});

describe("a plan of values from Secrets", () => {
  const [first] = ["planted-first"];
  const resolved = resolve(secretsOf({ password: first ?? "" })).items;
  const empty = newLedger("c");
  const ledger = updateLedger(
    empty,
    empty,
    resolved.map((item) => ({ item, op: "none" })),
  );
  const stored = { version: "2", number: 1, data: { a: first, b: "x" } };
  const live = new Map<string, Observed>([
    ...items.map(({ path }) => [path, { live: {} }] as const),
    ["sys/auth/dir", { live: { type: "ldap" } }],
    ["sys/mounts/kv", { live: { type: "kv", options: { version: "2" } } }],
    [ldap, { live: { url: "ldaps://ldap.example" } }],
    [kv, { live: stored }],
  ]);

  it("is empty while the value is the last written one, and shows each field and its Secret when it changes", () => {
    const same = plan(resolved, live, ledger);
    const changed = plan(resolve(secretsOf({ password: "planted-second" })).items, live, ledger);

    expect(same.changes).toEqual([]);
    expect(renderPlan(changed, false)).toContain("    bindpass: (differs, from Secret dir, key password, not shown)\n");
    expect(renderPlan(changed, false)).toContain("    a: (differs, from Secret dir, key password, not shown)\n");
    expect(planJson(changed)).toContain('"from":[{"secret":"dir","key":"password"}]');
    expect(planJson(changed) + renderPlan(changed, false)).not.toContain("planted");
  });

  it("does not compare a field whose Secret it may not read, and says so", () => {
    const unread = plan(items, live, ledger);

    expect(unread.changes).toEqual([]);
    expect(renderPlan(unread, false)).toBe(
      [
        "? LDAP auth config auth/dir/config: bindpass is not compared: from Secret dir, key password, which this run may not read",
        "? KV value kv/app: a is not compared: from Secret dir, key password, which this run may not read",
        "Plan: 0 to create, 0 to update, 4 unchanged, 2 fields not compared.",
        "",
      ].join("\n"),
    );
  });

  it("shows a field that was never written as a change, also without its value", () => {
    const unread = plan(items, live, empty);
    const created = plan(items, new Map([...live, [kv, { live: undefined }]]), ledger);

    expect(unread.changes).toMatchObject([{ item: { path: ldap }, fields: [{ field: "bindpass", note: "differs" }] }]);
    expect(created.changes).toMatchObject([
      { op: "create", fields: [{ field: "a", note: "set", from: [{ secret: "dir" }] }, {}] },
    ]);
  });

  it("reports a missing Secret only for the object that uses it", () => {
    const error = new NotReadyError("Secret dir in namespace vault does not exist");

    const { unreadable, changes } = plan(items, new Map([...live, [ldap, { error }]]), ledger);

    expect(unreadable).toMatchObject([{ item: { path: ldap }, error }]);
    expect(changes).toEqual([]);
  });
});
