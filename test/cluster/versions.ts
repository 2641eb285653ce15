/**
 * The versions of all parts of the embedded cluster are in this file. Servers are built from published Go modules, which
 * needs no image registry.
 */
export type Server = {
  /** The binary's name. */
  readonly name: string;
  readonly module: string;
  /** Version of the module in the module proxy. */
  readonly version: string;
  readonly package: string;
  /** The release's version, where the module's differs. */
  readonly release?: string;
  /** More linker flags, for example to set the version that the server reports. */
  readonly ldflags?: string;
  /** Duration of a cold build, alone on two cores; used to estimate the time left. */
  readonly seconds: number;
};

/** The version of Kubernetes, on the embedded node and in the node image for kind. */
export const kubernetesVersion = "v1.34.4";
// The linker sets the version: otherwise the API server reports v0.0.0, and charts refuse it.
const kubernetesFlags = [
  `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
  "-X k8s.io/component-base/version.gitMajor=1",
  "-X k8s.io/component-base/version.gitMinor=34",
].join(" ");

function kube<N extends string>(name: N, seconds: number): Server & { readonly name: N } {
  const module = "k8s.io/kubernetes";
  return {
    name,
    module,
    version: kubernetesVersion,
    package: `${module}/cmd/${name}`,
    ldflags: kubernetesFlags,
    seconds,
  };
}

/** The servers in build order. Kubelet 1.34 is the newest that runs with containerd 1.6 and cgroup v1. */
export const servers = [
  kube("kube-apiserver", 130),
  kube("kube-controller-manager", 25),
  kube("kube-scheduler", 10),
  kube("kubelet", 30),
  kube("kube-proxy", 10),
  kube("kubectl", 15),
  {
    name: "coredns",
    module: "github.com/coredns/coredns",
    version: "v1.12.0",
    package: "github.com/coredns/coredns",
    seconds: 60,
  },
  {
    // 1.21.4 does not compile against the published sdk module.
    name: "vault",
    module: "github.com/hashicorp/vault",
    version: "v1.21.1",
    package: "github.com/hashicorp/vault",
    seconds: 480,
  },
  {
    name: "bao",
    module: "github.com/openbao/openbao",
    version: "v0.0.0-20250828202315-f9407a27fbee",
    release: "v2.4.0",
    package: "github.com/openbao/openbao",
    seconds: 90,
  },
  {
    name: "argocd",
    module: "github.com/argoproj/argo-cd/v3",
    version: "v3.2.0",
    package: "github.com/argoproj/argo-cd/v3/cmd",
    ldflags: "-X github.com/argoproj/argo-cd/v3/common.version=3.2.0",
    seconds: 210,
  },
  {
    name: "helm",
    module: "helm.sh/helm/v3",
    version: "v3.19.0",
    package: "helm.sh/helm/v3/cmd/helm",
    ldflags: "-X helm.sh/helm/v3/internal/version.version=v3.19.0",
    seconds: 30,
  },
  {
    name: "kustomize",
    module: "sigs.k8s.io/kustomize/kustomize/v5",
    version: "v5.7.1",
    package: "sigs.k8s.io/kustomize/kustomize/v5",
    seconds: 15,
  },
  {
    name: "vault-secrets-operator",
    module: "github.com/hashicorp/vault-secrets-operator",
    version: "v0.10.0",
    package: "github.com/hashicorp/vault-secrets-operator",
    seconds: 60,
  },
  {
    // The operator's chart names v0.18.1, which is not a published module; the image gets the chart's name all the same.
    name: "kube-rbac-proxy",
    module: "github.com/brancz/kube-rbac-proxy",
    version: "v0.19.0",
    package: "github.com/brancz/kube-rbac-proxy/cmd/kube-rbac-proxy",
    seconds: 20,
  },
] as const satisfies readonly Server[];

/** Built only with CLUSTER=kind. */
export const kindServers = [
  { name: "kind", module: "sigs.k8s.io/kind", version: "v0.30.0", package: "sigs.k8s.io/kind", seconds: 20 },
  kube("kubeadm", 80),
  // the version that kubeadm 1.34 requires
  {
    name: "etcd",
    module: "go.etcd.io/etcd/server/v3",
    version: "v3.6.5",
    package: "go.etcd.io/etcd/server/v3",
    seconds: 15,
  },
] as const satisfies readonly Server[];

/** Built only for the test of the network policies: it enforces them in network namespaces of that test's own. */
const networkServers = [
  {
    name: "kube-network-policies",
    module: "sigs.k8s.io/kube-network-policies",
    version: "v0.8.0",
    package: "sigs.k8s.io/kube-network-policies/cmd",
    seconds: 60,
  },
] as const satisfies readonly Server[];

/** The default node image of kind 0.30.0, used where a registry is reachable. */
export const kindestNode =
  "kindest/node:v1.34.0@sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a";

export type ServerName = (typeof servers | typeof kindServers | typeof networkServers)[number]["name"];

/** Returns the server with this name. @throws Error for an unknown name, which is a bug in the caller */
export function server(name: ServerName): Server {
  const found = [...servers, ...kindServers, ...networkServers].find((each) => each.name === name);
  if (!found) throw new Error(`unknown server ${name}: add it to test/cluster/versions.ts`);
  return found;
}

/** The names under which images are loaded: those in the unmodified charts and manifests. */
export const images = {
  pause: "localhost/vault-hooks/pause:1",
  vault: "docker.io/hashicorp/vault:1.21.1",
  argocd: "quay.io/argoproj/argocd:v3.2.0",
  redis: "public.ecr.aws/docker/library/redis:8.2.2-alpine",
  operator: "docker.io/hashicorp/vault-secrets-operator:0.10.0",
  rbacProxy: "quay.io/brancz/kube-rbac-proxy:v0.18.1",
  busybox: "docker.io/library/busybox:1.37",
  guestbook: "gcr.io/google-samples/gb-frontend:v5",
} as const;

/** The Debian packages that the cluster needs. Each is installed if its file exists. */
export const debianPackages: ReadonlyArray<{ file: string; package: string }> = [
  { file: "/usr/bin/containerd", package: "containerd" },
  { file: "/usr/sbin/runc", package: "runc" },
  { file: "/usr/lib/cni/ptp", package: "containernetworking-plugins" },
  { file: "/usr/bin/etcd", package: "etcd-server" },
  { file: "/usr/sbin/iptables", package: "iptables" },
  { file: "/usr/sbin/conntrack", package: "conntrack" },
  { file: "/usr/bin/mount", package: "mount" },
  { file: "/usr/sbin/ip", package: "iproute2" },
  { file: "/usr/sbin/sysctl", package: "procps" },
  { file: "/usr/bin/openssl", package: "openssl" },
  { file: "/usr/bin/git", package: "git" },
  { file: "/usr/share/keyrings/debian-archive-keyring.gpg", package: "debian-archive-keyring" },
  { file: "/usr/bin/busybox", package: "busybox-static" },
  { file: "/usr/sbin/debootstrap", package: "debootstrap" },
  { file: "/usr/bin/buildah", package: "buildah" },
  // Buildah only recommends it. But buildah remembers its first choice of network backend, and fails when that is gone.
  { file: "/usr/lib/podman/netavark", package: "netavark" },
];
