import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { address, nodeName, url } from "./addresses.ts";
import { kubeconfig, stateDir } from "./paths.ts";
import { run } from "./run.ts";

export const pkiDir = join(stateDir, "pki");
export const caFile = join(pkiDir, "ca.crt");

const days = "30";
const apiServerNames = [
  "DNS:kubernetes.default.svc.cluster.local",
  "DNS:kubernetes.default.svc",
  "DNS:kubernetes.default",
  "DNS:kubernetes",
  "DNS:localhost",
  "IP:127.0.0.1",
  `IP:${address.kubernetesService}`,
  `IP:${address.node}`,
];

type Certificate = { name: string; subject: string; names?: readonly string[] };

const certificates: readonly Certificate[] = [
  { name: "apiserver", subject: "/CN=kube-apiserver", names: apiServerNames },
  { name: "admin", subject: "/O=system:masters/CN=admin" },
  { name: "controller-manager", subject: "/CN=system:kube-controller-manager" },
  { name: "scheduler", subject: "/CN=system:kube-scheduler" },
  { name: "proxy", subject: "/CN=system:kube-proxy" },
  { name: "front", subject: "/CN=front-proxy" },
  {
    name: "kubelet",
    subject: `/O=system:nodes/CN=system:node:${nodeName}`,
    names: [`DNS:${nodeName}`, `IP:${address.node}`],
  },
];

/** Creates the CA, the certificates, the key that signs ServiceAccount tokens, and the kubeconfigs, unless they exist. */
export async function ensurePki(): Promise<void> {
  if (existsSync(pkiDir)) return;
  const unfinished = `${pkiDir}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await openssl(unfinished, [
    "req",
    "-x509",
    ...newKey("ca"),
    "-out",
    "ca.crt",
    "-days",
    days,
    "-subj",
    "/CN=vault-hooks-test",
  ]);
  for (const certificate of certificates) await sign(unfinished, certificate);
  await openssl(unfinished, ["genrsa", "-out", "sa.key", "2048"]);
  await openssl(unfinished, ["rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub"]);
  for (const { name } of certificates) await writeKubeconfig(unfinished, name);
  await rename(unfinished, pkiDir);
}

/** Returns the path of the kubeconfig of a component of the cluster, or of `admin`. */
export function kubeconfigOf(name: string): string {
  return name === "admin" ? kubeconfig : join(stateDir, `${name}.kubeconfig`);
}

async function sign(dir: string, { name, subject, names }: Certificate): Promise<void> {
  await openssl(dir, ["req", ...newKey(name), "-out", `${name}.csr`, "-subj", subject]);
  const extensions = names ? `subjectAltName=${names.join(",")}\n` : "";
  await writeFile(join(dir, `${name}.ext`), extensions);
  const issue = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", days];
  await openssl(dir, [
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    ...issue,
    "-out",
    `${name}.crt`,
    "-extfile",
    `${name}.ext`,
  ]);
}

function newKey(name: string): string[] {
  return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${name}.key`];
}

async function openssl(cwd: string, args: string[]): Promise<void> {
  await run("openssl", args, { cwd });
}

/** Embeds the keys, so that the file can be mounted alone into a container. */
async function writeKubeconfig(dir: string, name: string): Promise<void> {
  const data = (file: string) => readFile(join(dir, file), "base64");
  const cluster = { server: url.apiServer, "certificate-authority-data": await data("ca.crt") };
  const user = { "client-certificate-data": await data(`${name}.crt`), "client-key-data": await data(`${name}.key`) };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "vault-hooks-test",
    clusters: [{ name: "vault-hooks-test", cluster }],
    users: [{ name, user }],
    contexts: [{ name: "vault-hooks-test", context: { cluster: "vault-hooks-test", user: name } }],
  };
  await writeFile(kubeconfigOf(name), JSON.stringify(config, undefined, 2), { mode: 0o600 });
}
