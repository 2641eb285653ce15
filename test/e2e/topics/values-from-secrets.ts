import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Vault } from "../../../src/vault/client.ts";
import { converged, resync } from "../support/argo.ts";
import { renderedManifests } from "../support/argo-server.ts";
import { readAudit } from "../support/audit.ts";
import { commit, type Edit, undo } from "../support/edit.ts";
import { installIssuer, issuerUrl, removeIssuer } from "../support/issuer.ts";
import { findLeaks, type Needle } from "../support/leaks.ts";
import { logPlaces, objectPlaces, recordedPlaces, repositoryPlaces } from "../support/places.ts";
import { withVault } from "../support/vault.ts";
import { hookJobs, hooksFinished, needlesOf, type World } from "../support/world.ts";

/** A value of the configuration that is no secret, and so stands in Git. */
const inGit = "logins-of-people-in-the-e2e";

const edits: readonly Edit[] = [
  { file: "hooks/kustomization.yaml", from: "  # - secrets\n", to: "  - secrets\n" },
  {
    file: "hooks/config/secrets.yaml",
    from: "secrets:\n  kvv2:\n",
    to: `secrets:
  shop-db:
    type: database
    connections:
      shop:
        plugin_name: postgresql-database-plugin
        connection_url: postgresql://{{username}}:{{password}}@postgres.shop.svc:5432/shop
        username: vault
        password: { secretKeyRef: { name: shop-database, key: password } }
        verify_connection: false
  kvv2:
`,
  },
  {
    file: "hooks/config/auth.yaml",
    from: "auth:\n  demo-auth-mount:\n",
    to: `auth:
  people:
    type: oidc
    description: ${inGit}
    config:
      oidc_discovery_url: ${issuerUrl}
      oidc_client_id: vault
      oidc_client_secret: { secretKeyRef: { name: people-oidc, key: client-secret } }
  demo-auth-mount:
`,
  },
];

/** Where the values go. */
const uses = [
  { secret: "shop-database", key: "password", path: "shop-db/config/shop", field: "password" },
  { secret: "people-oidc", key: "client-secret", path: "auth/people/config", field: "oidc_client_secret" },
] as const;

/** Values of the configuration that come from Kubernetes Secrets. */
export function valuesFromSecrets(world: () => World): void {
  describe("a database password and an OIDC client secret in Kubernetes Secrets", () => {
    const first = uses.map(() => randomBytes(18).toString("hex"));
    const second = uses.map(() => randomBytes(18).toString("hex"));

    beforeAll(async () => {
      await installIssuer();
      const base = "/api/v1/namespaces/vault/secrets";
      for (const [i, { secret: name, key }] of uses.entries())
        await world().api.post(base, { metadata: { name }, stringData: { [key]: first[i] } });
    });
    // a later topic deletes the namespace, and with it these Secrets; nothing in between waits for this sync
    afterAll(async () => {
      await commit(world().api, "Name no Secrets any more", undo(edits));
      await removeIssuer();
    });

    test("reach Vault once the configuration names them", async () => {
      const made = await commit(world().api, "Name two Secrets in the configuration", edits);
      await converged(world().api, made, 180_000);

      expect(await sent(world(), first)).toEqual(uses.map(({ path }) => path));
    });

    test("reach Vault by the next sync when they change there", async () => {
      const { api } = world();
      for (const [i, { secret, key }] of uses.entries())
        await api.patch(`/api/v1/namespaces/vault/secrets/${secret}`, { stringData: { [key]: second[i] } });
      const before = await hookJobs(api);

      await resync(api, "vault");
      await hooksFinished(api, before);

      expect(await sent(world(), second)).toEqual(uses.map(({ path }) => path));
    });

    test("are nowhere else: not in Git, ConfigMaps, Argo CD's manifests, Events or logs, where a value from Git is found", async () => {
      const { api, recorder, keptLogs } = world();
      const places = [
        ...(await repositoryPlaces()),
        ...(await objectPlaces(api)),
        ...recordedPlaces(recorder),
        ...(await logPlaces(api)),
        ...keptLogs,
        { where: "Argo CD's manifests", text: await renderedManifests(api, "vault") },
      ];
      const needles = [...first, ...second].map((value): Needle => ({ name: "a value of a Secret", value }));

      const known = findLeaks(places, [{ name: "it", value: inGit }]);

      expect(needlesOf(world()).map(({ value }) => value)).toEqual(expect.arrayContaining([...first, ...second]));
      expect(findLeaks(places, needles)).toEqual([]);
      for (const where of [
        "the served repository's history",
        "configmaps vault/vault-hooks-config",
        "Argo CD's manifests",
      ])
        expect(known).toContainEqual(expect.stringMatching(new RegExp(`it, as it is, in ${where}`)));
      expect(known).toContainEqual(expect.stringContaining("/pods/vault-configure-"));
    });
  });
}

/**
 * Looks into the audit log, where values are hashed with a key that only Vault has.
 *
 * @returns the paths that were written with these values
 */
async function sent({ api }: World, values: readonly string[]): Promise<string[]> {
  const hash = async (vault: Vault, input: string) => {
    const answer = await vault.write("sys/audit-hash/stdout", { input });
    return (answer as { data: { hash: string } }).data.hash;
  };
  const hashes = await withVault(api, (vault) => Promise.all(values.map((each) => hash(vault, each))));
  const written = (await readAudit(api)).map(({ request }) => request);
  return uses
    .filter(({ path, field }, i) => written.some((each) => each.path === path && each.data?.[field] === hashes[i]))
    .map(({ path }) => path);
}
