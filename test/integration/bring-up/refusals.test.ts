import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { fingerprintOf } from "../../../src/custody/fingerprint.ts";
import { formatKeys } from "../../../src/custody/keys-data.ts";
import { projectDir } from "../../cluster/paths.ts";
import { changes, expectCode, expectNoSecrets, failure, type Ground, secretValues, startGround } from "./fixture.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.close());

async function expectUninitialised(): Promise<void> {
  for (const i of [0, 1, 2]) {
    expect(await ground.sealStatus(i)).toMatchObject({ initialized: false });
  }
}

async function deleteKeys(): Promise<void> {
  await ground.kube.kubectl(["-n", "vault-custody", "delete", "secret", "vault-unseal-keys"]);
}

/** Whole in themselves, and of no Vault at all. */
function keysOfAnother(): Record<string, string> {
  const shares = [1, 2, 3].map((byte) => Buffer.alloc(33, byte).toString("base64"));
  return formatKeys({ shares, threshold: 2, fingerprint: fingerprintOf(shares), created: "2026-01-01T00:00:00.000Z" });
}

async function writeKeys(data: Record<string, string>): Promise<void> {
  const metadata = { name: "vault-unseal-keys", namespace: "vault-custody" };
  await ground.kube.apply(stringify({ apiVersion: "v1", kind: "Secret", metadata, stringData: data }));
}

describe("an empty Vault", () => {
  beforeAll(() => ground.reset());
  beforeEach(async () => {
    await ground.pods.scale(3);
    for (const i of [0, 1, 2]) await ground.pods.addPod(i);
  });

  it("is not initialised while a pod does not start: Kubernetes' reason is told", async () => {
    await ground.vaults.kill(2);
    const waiting = { reason: "ImagePullBackOff", message: "Back-off pulling image" };
    const image = { name: "vault", ready: false, restartCount: 0, image: "vault", imageID: "", state: { waiting } };
    await ground.pods.setPodStatus(2, { phase: "Pending", containerStatuses: [image] });

    const outcome = await ground.run("init", "--timeout=4s");
    await ground.vaults.start(2);

    expectCode(outcome, 3);
    expect(failure(outcome).error).toContain("vault-2 has not answered (ImagePullBackOff");
    expect(outcome.stderr).toMatch(/"for":"vault-2 has not answered \(ImagePullBackOff.*"msg":"waiting"/);
    await expectUninitialised();
  });

  it("is not initialised while a pod does not exist", async () => {
    await ground.pods.removePod(1);

    const outcome = await ground.run("init", "--timeout=3s");

    expectCode(outcome, 3);
    expect(failure(outcome).error).toContain("vault-1 has not answered (there is no such pod)");
    await expectUninitialised();
  });

  it("is not initialised over the volume of a member that was scaled away", async () => {
    await ground.pods.removePod(2);
    await ground.pods.scale(2);

    const outcome = await ground.run("init");

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain("data-vault-2");
    expect(failure(outcome).todo).toContain("scale StatefulSet vault/vault up");
    await expectUninitialised();
  });

  it("is not initialised when something else answers in a member's place", async () => {
    ground.proxies[0]?.fault({ status: 200 }, { path: /^sys\/seal-status$/ });

    const outcome = await ground.run("init", "--timeout=3s");
    ground.proxies[0]?.heal();

    expectCode(outcome, 3);
    expect(failure(outcome).error).toContain("the answer is not that of a Vault");
    await expectUninitialised();
  });

  it.each([
    ["unseal", "vault-hooks init"],
    ["join", "vault-hooks init"],
  ])("has nothing for %s, which says so at once", async (command, todo) => {
    const outcome = await ground.run(command);

    expectCode(outcome, 3);
    expect(failure(outcome).todo).toContain(todo);
  });

  it("is shown by status as it is", async () => {
    const outcome = await ground.run("status");

    expectCode(outcome, 3);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      healthy: false,
      pods: [{ pod: "vault-0", initialised: false, sealed: true, role: null, cluster: null }, {}, {}],
    });
  });

  it("is not found under another name", async () => {
    const outcome = await ground.run("init", "--statefulset=vaults");

    expectCode(outcome, 2);
    expect(failure(outcome).error).toContain("StatefulSet vaults");
    expect(failure(outcome).todo).toContain("In this namespace there is vault;");
  });
});

describe("the rights of the hooks", () => {
  beforeAll(() => ground.reset());
  beforeEach(async () => {
    await ground.kube.kubectl(["-n", "vault-custody", "delete", "lease,configmap", "--all"]);
  });

  async function manifest(): Promise<object[]> {
    const text = await readFile(join(projectDir, "hooks/rbac/init.yaml"), "utf8");
    return parseAllDocuments(text).map((document) => document.toJS() as object);
  }

  type Rule = { resources: string[]; verbs: string[]; resourceNames?: string[] };
  it.each([
    ["to create Secrets", "create", "secrets", undefined],
    ["to read the keys", "get", "secrets", "vault-unseal-keys"],
    ["to read back the root token", "get", "secrets", "vault-root-token"],
    ["to delete the journal", "delete", "secrets", "vault-init-answer"],
    ["to write the record", "create", "configmaps", undefined],
    ["to hold the Lease", "create", "leases", undefined],
    ["to list pods", "list", "pods", undefined],
  ])("are missed before anything is touched: %s", async (_, verb, resource, name) => {
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
    const all = await ground.as("init");
    await ground.kube.apply(objects.map((object) => `---\n${stringify(object)}`).join(""));

    const outcome = await ground.run("init", all);

    expectCode(outcome, 5);
    expect(failure(outcome).error).toContain("denied");
    expect(failure(outcome).todo).toMatch(
      new RegExp(`the right "${verb}" on ${resource}\\S* ?${name ? `"${name}"` : ""}`),
    );
    expect(await ground.sealStatus(0)).toMatchObject({ initialized: false });
    expect(await ground.custodyNames()).toEqual([]);
  });

  it("are enough for all that they do", async () => {
    for (const command of ["init", "unseal", "join"]) {
      expectCode(await ground.run(command, await ground.as(command)), 0);
    }

    expectCode(await ground.run("status"), 0);
  });
});

describe("a sealed Vault", () => {
  let keys: Record<string, string>;
  beforeAll(async () => {
    await ground.reset();
    await ground.bringUp("--shares=3", "--threshold=2");
    keys = (await ground.secret("vault-unseal-keys")) ?? {};
  });
  beforeEach(async () => {
    await deleteKeys().catch(() => undefined);
    await ground.restart();
  });

  it.each(["init", "unseal"])(
    "whose keys were deleted is left alone by %s, which says what to restore",
    async (command) => {
      const outcome = await ground.run(command);

      expectCode(outcome, 4);
      expect(failure(outcome).error).toContain("Secret vault-custody/vault-unseal-keys does not exist");
      expect(failure(outcome).todo).toContain("Restore Secret vault-custody/vault-unseal-keys from a backup");
    },
  );

  it("is left alone while a share is missing", async () => {
    const { "share-1": _, ...rest } = keys;
    await writeKeys(rest);

    for (const command of ["init", "unseal"]) {
      const outcome = await ground.run(command);
      expectCode(outcome, 4);
      expect(failure(outcome).error).toContain("lacks share-1 of its 3 shares");
    }
  });

  it("does not open by the keys of another Vault, and stays without a share in it", async () => {
    await writeKeys(keysOfAnother());

    const outcome = await ground.run("unseal");

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain(
      "vault-0 does not open with the keys of Secret vault-custody/vault-unseal-keys",
    );
    expect(failure(outcome).error).toContain("share-0 + share-1, share-0 + share-2, share-1 + share-2");
    for (const i of [0, 1, 2]) expect(await ground.sealStatus(i)).toMatchObject({ sealed: true, progress: 0 });
    expectNoSecrets(outcome, await secretValues(ground));
  });

  it("opens by its present shares alone, as a person writes them after a rekey", async () => {
    const { fingerprint: _fingerprint, created: _created, ...byHand } = keys;
    await writeKeys(byHand);

    const outcome = await ground.run("unseal");

    expectCode(outcome, 0);
    expect(changes(outcome)).toHaveLength(3);
  });

  it("opens once its keys are restored", async () => {
    await writeKeys(keys);

    const outcome = await ground.run("unseal");

    expectCode(outcome, 0);
    expect(changes(outcome)).toHaveLength(3);
  });

  it("is opened no further when its first member is of another cluster than recorded", async () => {
    await writeKeys(keys);
    const { clusterId } = await ground.record();
    const patch = (id: string | undefined) =>
      ground.kube.kubectl([
        ...["-n", "vault-custody", "patch", "configmap", "vault-init-record", "--type=merge"],
        `-p=${JSON.stringify({ data: { clusterId: id } })}`,
      ]);
    await patch("00000000-0000");

    const outcome = await ground.run("unseal");
    await patch(clusterId);

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain(`vault-0 is of cluster ${clusterId}`);
    expect(failure(outcome).error).toContain("00000000-0000");
    expect(await ground.sealStatus(1)).toMatchObject({ sealed: true });
  });
});

it("refuses members that were initialised apart, and names them", async () => {
  await ground.reset();
  for (const i of [0, 1]) {
    const body = JSON.stringify({ secret_shares: 1, secret_threshold: 1 });
    const answer = await fetch(`${ground.vaults.addresses[i]}/v1/sys/init`, { method: "PUT", body });
    const { keys } = (await answer.json()) as { keys: string[] };
    await fetch(`${ground.vaults.addresses[i]}/v1/sys/unseal`, {
      method: "PUT",
      body: JSON.stringify({ key: keys[0] }),
    });
  }

  for (const command of ["init", "unseal", "join"]) {
    const outcome = await ground.run(command);
    expectCode(outcome, 4);
    expect(failure(outcome).error).toMatch(/vault-0 is of cluster \S+, vault-1 is of cluster \S+/);
  }
});
