import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { fingerprintOf } from "../../../src/custody/fingerprint.ts";
import { formatKeys } from "../../../src/custody/keys-data.ts";
import { projectDir } from "../../cluster/paths.ts";
import { changes, expectCode, expectNoSecrets, type Fixture, failure, secretValues, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

async function expectUninitialised(): Promise<void> {
  for (const i of [0, 1, 2]) {
    expect(await fixture.sealStatus(i)).toMatchObject({ initialized: false });
  }
}

async function deleteKeys(): Promise<void> {
  await fixture.kube.kubectl(["-n", "vault-custody", "delete", "secret", "vault-unseal-keys"]);
}

/** Valid keys that belong to no Vault. */
function foreignKeys(): Record<string, string> {
  const shares = [1, 2, 3].map((byte) => Buffer.alloc(33, byte).toString("base64"));
  return formatKeys({ shares, threshold: 2, fingerprint: fingerprintOf(shares), created: "2026-01-01T00:00:00.000Z" });
}

async function writeKeys(data: Record<string, string>): Promise<void> {
  const metadata = { name: "vault-unseal-keys", namespace: "vault-custody" };
  await fixture.kube.apply(stringify({ apiVersion: "v1", kind: "Secret", metadata, stringData: data }));
}

describe("an empty Vault", () => {
  beforeAll(() => fixture.reset());
  beforeEach(async () => {
    await fixture.pods.scale(3);
    for (const i of [0, 1, 2]) await fixture.pods.addPod(i);
  });

  it("is not initialised while a pod does not start, and the error has the reason of Kubernetes", async () => {
    await fixture.vaults.kill(2);
    const waiting = { reason: "ImagePullBackOff", message: "Back-off pulling image" };
    const image = { name: "vault", ready: false, restartCount: 0, image: "vault", imageID: "", state: { waiting } };
    await fixture.pods.setPodStatus(2, { phase: "Pending", containerStatuses: [image] });

    const outcome = await fixture.run("init", "--timeout=4s");
    await fixture.vaults.start(2);

    expectCode(outcome, 3);
    expect(failure(outcome).error).toContain("vault-2 has not answered (ImagePullBackOff");
    expect(outcome.stderr).toMatch(/"for":"vault-2 has not answered \(ImagePullBackOff.*"msg":"waiting"/);
    await expectUninitialised();
  });

  it("is not initialised while a pod does not exist", async () => {
    await fixture.pods.removePod(1);

    const outcome = await fixture.run("init", "--timeout=3s");

    expectCode(outcome, 3);
    expect(failure(outcome).error).toContain("vault-1 has not answered (there is no such pod)");
    await expectUninitialised();
  });

  it("is not initialised when a volume claim of a scaled-down member exists", async () => {
    await fixture.pods.removePod(2);
    await fixture.pods.scale(2);

    const outcome = await fixture.run("init");

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain("data-vault-2");
    expect(failure(outcome).todo).toContain("Scale StatefulSet vault/vault up");
    await expectUninitialised();
  });

  it("is not initialised when another server answers in place of a member", async () => {
    fixture.proxies[0]?.fault({ status: 200 }, { path: /^sys\/seal-status$/ });

    const outcome = await fixture.run("init", "--timeout=3s");
    fixture.proxies[0]?.clearFaults();

    expectCode(outcome, 3);
    expect(failure(outcome).error).toContain("the answer is not that of a Vault");
    await expectUninitialised();
  });

  it.each([
    ["unseal", "vault-hooks init"],
    ["join", "vault-hooks init"],
  ])("is reported by %s at once, with the hint to run init", async (command, todo) => {
    const outcome = await fixture.run(command);

    expectCode(outcome, 3);
    expect(failure(outcome).todo).toContain(todo);
  });

  it("is shown by status as not initialised", async () => {
    const outcome = await fixture.run("status");

    expectCode(outcome, 3);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      healthy: false,
      pods: [{ pod: "vault-0", initialised: false, sealed: true, role: null, cluster: null }, {}, {}],
    });
  });

  it("is not found under another name, and the error lists the StatefulSets", async () => {
    const outcome = await fixture.run("init", "--statefulset=vaults");

    expectCode(outcome, 2);
    expect(failure(outcome).error).toContain("StatefulSet vaults");
    expect(failure(outcome).todo).toContain("In this namespace there is vault;");
  });
});

describe("init with the permissions of its hook", () => {
  beforeAll(() => fixture.reset());
  beforeEach(async () => {
    await fixture.kube.kubectl(["-n", "vault-custody", "delete", "lease,configmap", "--all"]);
  });

  async function manifest(): Promise<object[]> {
    const text = await readFile(join(projectDir, "hooks/base/init/rbac.yaml"), "utf8");
    return parseAllDocuments(text).map((document) => document.toJS() as object);
  }

  type Rule = { resources: string[]; verbs: string[]; resourceNames?: string[] };
  it.each([
    ["create Secrets", "create", "secrets", undefined],
    ["read the keys", "get", "secrets", "vault-unseal-keys"],
    ["read back the root token", "get", "secrets", "vault-root-token"],
    ["delete the journal", "delete", "secrets", "vault-init-answer"],
    ["write the record", "create", "configmaps", undefined],
    ["hold the Lease", "create", "leases", undefined],
    ["list pods", "list", "pods", undefined],
  ])("changes nothing when it may not %s, and names the missing right", async (_, verb, resource, name) => {
    const without = (rule: Rule): Rule[] => {
      const { resources, verbs, resourceNames } = rule;
      if (!resources.includes(resource) || !verbs.includes(verb) || (name && !resourceNames?.includes(name)))
        return [rule];
      return [
        { ...rule, resources: resources.filter((each) => each !== resource) },
        { ...rule, resources: [resource], verbs: verbs.filter((each) => each !== verb) },
      ].filter((each) => each.resources.length > 0 && each.verbs.length > 0);
    };
    const objects = (await manifest()).map((object) => {
      const { rules } = object as { rules?: Rule[] };
      return rules === undefined ? object : { ...object, rules: rules.flatMap(without) };
    });
    const all = await fixture.as("init");
    await fixture.kube.apply(objects.map((object) => `---\n${stringify(object)}`).join(""));

    const outcome = await fixture.run("init", all);

    expectCode(outcome, 5);
    expect(failure(outcome).error).toContain("denied");
    expect(failure(outcome).todo).toMatch(
      new RegExp(`the permission "${verb}" on ${resource}\\S* ?${name ? `"${name}"` : ""}`),
    );
    expect(await fixture.sealStatus(0)).toMatchObject({ initialized: false });
    expect(await fixture.custodyNames()).toEqual([]);
  });

  it("completes, and so do unseal and join with theirs", async () => {
    for (const command of ["init", "unseal", "join"]) {
      expectCode(await fixture.run(command, await fixture.as(command)), 0);
    }

    expectCode(await fixture.run("status"), 0);
  });
});

describe("a sealed Vault", () => {
  let keys: Record<string, string>;
  beforeAll(async () => {
    await fixture.reset();
    await fixture.bringUp("--shares=3", "--threshold=2");
    keys = (await fixture.secret("vault-unseal-keys")) ?? {};
  });
  beforeEach(async () => {
    await deleteKeys().catch(() => undefined);
    await fixture.restart();
  });

  it.each(["init", "unseal"])(
    "without keys in custody is not changed by %s, which names the Secret to restore",
    async (command) => {
      const outcome = await fixture.run(command);

      expectCode(outcome, 4);
      expect(failure(outcome).error).toContain("Secret vault-custody/vault-unseal-keys does not exist");
      expect(failure(outcome).todo).toContain("Restore Secret vault-custody/vault-unseal-keys from a backup");
    },
  );

  it("is not changed by init and unseal when a share is missing", async () => {
    const { "share-1": _, ...rest } = keys;
    await writeKeys(rest);

    for (const command of ["init", "unseal"]) {
      const outcome = await fixture.run(command);
      expectCode(outcome, 4);
      expect(failure(outcome).error).toContain("lacks share-1 of its 3 shares");
    }
  });

  it("stays sealed, without a share in it, when custody has the keys of another Vault", async () => {
    await writeKeys(foreignKeys());

    const outcome = await fixture.run("unseal");

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain(
      "the keys of Secret vault-custody/vault-unseal-keys do not unseal vault-0",
    );
    expect(failure(outcome).error).toContain("share-0 + share-1, share-0 + share-2, share-1 + share-2");
    for (const i of [0, 1, 2]) expect(await fixture.sealStatus(i)).toMatchObject({ sealed: true, progress: 0 });
    expectNoSecrets(outcome, await secretValues(fixture));
  });

  it("is unsealed with shares that a person wrote by hand after a rekey", async () => {
    const { fingerprint: _fingerprint, created: _created, ...byHand } = keys;
    await writeKeys(byHand);

    const outcome = await fixture.run("unseal");

    expectCode(outcome, 0);
    expect(changes(outcome)).toHaveLength(3);
  });

  it("is unsealed once its keys are restored", async () => {
    await writeKeys(keys);

    const outcome = await fixture.run("unseal");

    expectCode(outcome, 0);
    expect(changes(outcome)).toHaveLength(3);
  });

  it("is unsealed no further when its first member is not of the recorded cluster", async () => {
    await writeKeys(keys);
    const { clusterId } = await fixture.record();
    const patch = (id: string | undefined) =>
      fixture.kube.kubectl([
        ...["-n", "vault-custody", "patch", "configmap", "vault-init-record", "--type=merge"],
        `-p=${JSON.stringify({ data: { clusterId: id } })}`,
      ]);
    await patch("00000000-0000");

    const outcome = await fixture.run("unseal");
    await patch(clusterId);

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain(`vault-0 belongs to cluster ${clusterId}`);
    expect(failure(outcome).error).toContain("00000000-0000");
    expect(await fixture.sealStatus(1)).toMatchObject({ sealed: true });
  });
});

it("init, unseal and join refuse when members were initialised separately, and name them", async () => {
  await fixture.reset();
  for (const i of [0, 1]) {
    const body = JSON.stringify({ secret_shares: 1, secret_threshold: 1 });
    const answer = await fetch(`${fixture.vaults.addresses[i]}/v1/sys/init`, { method: "PUT", body });
    const { keys } = (await answer.json()) as { keys: string[] };
    await fetch(`${fixture.vaults.addresses[i]}/v1/sys/unseal`, {
      method: "PUT",
      body: JSON.stringify({ key: keys[0] }),
    });
  }

  for (const command of ["init", "unseal", "join"]) {
    const outcome = await fixture.run(command);
    expectCode(outcome, 4);
    expect(failure(outcome).error).toMatch(/vault-0 belongs to cluster \S+, vault-1 belongs to cluster \S+/);
  }
});
