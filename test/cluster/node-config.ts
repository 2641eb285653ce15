import { join } from "node:path";
import { address, nodeName, url } from "./addresses.ts";
import { cacheDir, containerdSocket, stateDir } from "./paths.ts";
import { caFile, kubeconfigOf, pkiDir } from "./pki.ts";
import { images } from "./versions.ts";

/** Returns the configuration files of the node's programs, by their path in the state folder. Pure. */
export function nodeFiles(): Record<string, string> {
  return {
    "containerd.toml": containerdToml(),
    "cni/10-vault-hooks.conflist": JSON.stringify(cniList(), undefined, 2),
    "kubelet.json": JSON.stringify(kubeletConfig(), undefined, 2),
    "proxy.yaml": proxyYaml(),
    Corefile: corefile(),
  };
}

/**
 * The image store (root) outlives the cluster, so that images are loaded once.
 * restrict_oom_score_adj: without CAP_SYS_RESOURCE runc cannot lower a sandbox's score, and otherwise fails with "can't get
 * final child's PID from pipe".
 */
function containerdToml(): string {
  return `version = 2
root = "${join(cacheDir, "containerd")}"
state = "${join(stateDir, "containerd")}"
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${images.pause}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${join(stateDir, "cni")}"
`;
}

/** The ptp plugin routes each pod separately, as kind does: all traffic passes the host's rules, also without br_netfilter. */
function cniList(): object {
  const ranges = [[{ subnet: address.podRange, rangeStart: "10.244.0.10" }]];
  const dataDir = join(stateDir, "cni-addresses");
  const ipam = { type: "host-local", dataDir, ranges, routes: [{ dst: "0.0.0.0/0" }] };
  return { cniVersion: "1.0.0", name: "vault-hooks", plugins: [{ type: "ptp", ipMasq: false, ipam }] };
}

function kubeletConfig(): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: {
      anonymous: { enabled: false },
      x509: { clientCAFile: caFile },
      webhook: { enabled: true },
    },
    authorization: { mode: "Webhook" },
    cgroupDriver: "cgroupfs",
    // From 1.35 on, the kubelet refuses to start on cgroup v1 by default, which test machines may have.
    failCgroupV1: false,
    clusterDNS: [address.node],
    clusterDomain: "cluster.local",
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    tlsCertFile: join(pkiDir, "kubelet.crt"),
    tlsPrivateKeyFile: join(pkiDir, "kubelet.key"),
    podLogsDir: join(stateDir, "pod-logs"),
    volumePluginDir: join(stateDir, "volume-plugins"),
    failSwapOn: false,
    resolvConf: "/dev/null",
    // By default the kubelet removes images once the disk is 85 percent full, and no registry has them.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "imagefs.available": "1%",
      "nodefs.inodesFree": "1%",
    },
    serializeImagePulls: false,
    syncFrequency: "10s",
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    eventRecordQPS: 0,
    shutdownGracePeriod: "0s",
  };
}

/** Written as block YAML: kube-proxy parses a file that starts with a brace as strict JSON, and refuses it. */
function proxyYaml(): string {
  return `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
bindAddress: ${address.node}
healthzBindAddress: ${address.node}:10256
metricsBindAddress: ${address.node}:10249
clientConnection:
  kubeconfig: ${kubeconfigOf("proxy")}
hostnameOverride: ${nodeName}
clusterCIDR: ${address.podRange}
mode: iptables
iptables:
  minSyncPeriod: 0s
conntrack:
  maxPerCore: 0
`;
}

/** Short TTLs, since pods come and go within seconds. Names outside the cluster do not resolve. */
function corefile(): string {
  return `. {
  bind ${address.node}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfigOf("admin")}
    ttl 1
  }
  cache 1
}
`;
}

/** Returns the flags of the API server. */
export function apiServerArgs(): string[] {
  const pki = (file: string) => join(pkiDir, file);
  return [
    `--etcd-servers=${url.etcd}`,
    `--bind-address=${address.node}`,
    `--advertise-address=${address.node}`,
    `--service-cluster-ip-range=${address.serviceRange}`,
    `--tls-cert-file=${pki("apiserver.crt")}`,
    `--tls-private-key-file=${pki("apiserver.key")}`,
    `--client-ca-file=${caFile}`,
    `--service-account-key-file=${pki("sa.pub")}`,
    `--service-account-signing-key-file=${pki("sa.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    "--authorization-mode=Node,RBAC",
    "--allow-privileged",
    // `kubectl logs` would look up the node's name, which is not in DNS.
    "--kubelet-preferred-address-types=InternalIP",
    `--kubelet-client-certificate=${pki("admin.crt")}`,
    `--kubelet-client-key=${pki("admin.key")}`,
    `--kubelet-certificate-authority=${caFile}`,
    `--proxy-client-cert-file=${pki("front.crt")}`,
    `--proxy-client-key-file=${pki("front.key")}`,
    `--requestheader-client-ca-file=${caFile}`,
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    "--requestheader-allowed-names=front-proxy",
  ];
}

/** Returns the flags of the controller manager. Its rate limits are raised, since the cluster is small. */
export function controllerManagerArgs(): string[] {
  return [
    `--kubeconfig=${kubeconfigOf("controller-manager")}`,
    `--service-account-private-key-file=${join(pkiDir, "sa.key")}`,
    `--root-ca-file=${caFile}`,
    `--cluster-signing-cert-file=${caFile}`,
    `--cluster-signing-key-file=${join(pkiDir, "ca.key")}`,
    `--cluster-cidr=${address.podRange}`,
    "--bind-address=127.0.0.1",
    `--flex-volume-plugin-dir=${join(stateDir, "volume-plugins")}`,
    "--use-service-account-credentials",
    "--leader-elect=false",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
    "--pvclaimbinder-sync-period=2s",
  ];
}
