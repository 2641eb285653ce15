/** A server in the form of the list in versions.ts. */
type Build<N extends string> = {
  readonly name: N;
  readonly module: string;
  readonly version: string;
  readonly package: string;
  readonly ldflags: string;
  readonly seconds: number;
};

/** A release of Argo CD, with the Helm that its image has and the Redis that its manifest names. */
type ArgocdRelease = {
  readonly argocd: Build<"argocd">;
  readonly helm: Build<"helm">;
  readonly redis: string;
};

/** The releases that are tested: the newest that can be built here, which is the default, and the oldest that is supported. */
const releases: Readonly<Record<string, ArgocdRelease>> = {
  "3.6.1": {
    argocd: argocd("3.6.1", 240),
    helm: helm(4, "v4.3.1"), // Argo CD 3.5 and newer call Helm 4 only
    redis: "public.ecr.aws/docker/library/redis:8.10.1-alpine",
  },
  // The published module of 3.2.12 does not compile.
  "3.2.11": {
    argocd: argocd("3.2.11", 210),
    helm: helm(3, "v3.18.4"),
    redis: "public.ecr.aws/docker/library/redis:8.2.2-alpine",
  },
};

/** The release that CLUSTER_ARGOCD names, such as "3.2.11". @throws Error for one that is not tested */
export const argocdRelease = releaseOf(process.env["CLUSTER_ARGOCD"] ?? "3.6.1");

function releaseOf(version: string): ArgocdRelease {
  const found = releases[version];
  if (found) return found;
  throw new Error(`CLUSTER_ARGOCD: found "${version}", expected one of ${Object.keys(releases).join(", ")}`);
}

function argocd(version: string, seconds: number): ArgocdRelease["argocd"] {
  const module = "github.com/argoproj/argo-cd/v3";
  return {
    name: "argocd",
    module,
    version: `v${version}`,
    package: `${module}/cmd`,
    ldflags: `-X ${module}/common.version=${version}`,
    seconds,
  };
}

function helm(major: number, version: string): ArgocdRelease["helm"] {
  const module = `helm.sh/helm/v${major}`;
  return {
    name: "helm",
    module,
    version,
    package: `${module}/cmd/helm`,
    ldflags: `-X ${module}/internal/version.version=${version}`,
    seconds: 90,
  };
}
