import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

/** Loads the versions as a process with this CLUSTER_ARGOCD does. */
async function versionsWith(release: string | undefined) {
  vi.resetModules();
  vi.stubEnv("CLUSTER_ARGOCD", release);
  return await import("../cluster/versions.ts");
}

test.each([
  [undefined, { argocd: "v3.6.1", helm: "helm.sh/helm/v4", image: "quay.io/argoproj/argocd:v3.6.1" }],
  ["3.2.11", { argocd: "v3.2.11", helm: "helm.sh/helm/v3", image: "quay.io/argoproj/argocd:v3.2.11" }],
])(
  "CLUSTER_ARGOCD=%s (undefined: the default) selects Argo CD, its image and its version of Helm",
  async (release, expected) => {
    const { server, images } = await versionsWith(release);

    const helm = server("helm");
    expect({
      argocd: server("argocd").version,
      helm: "module" in helm && helm.module,
      image: images.argocd,
    }).toEqual(expected);
  },
);

test("CLUSTER_ARGOCD refuses a release of Argo CD that is not tested, and lists the tested ones", async () => {
  await expect(versionsWith("3.5")).rejects.toThrow('CLUSTER_ARGOCD: found "3.5", expected one of 3.6.1, 3.2.11');
});
