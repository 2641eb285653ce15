import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensurePackages } from "../cluster/host.ts";
import { attempt, run } from "../cluster/run.ts";
import { moduleSource } from "../cluster/servers.ts";
import { binaries } from "./binaries.ts";
import type { KubeServer } from "./kube-server.ts";
import { freeBlock } from "./loopback.ts";
import { launch, type ServerProcess } from "./server-process.ts";

/** A real application controller and repo-server of Argo CD, on an API server without kubelets. */
export type ArgoController = {
  /** Commits these files to the Git repository that the Applications may name. */
  commit(files: Readonly<Record<string, string>>, branch?: string): Promise<void>;
  readonly repoURL: string;
  close(): Promise<void>;
};

const namespace = "argocd";

/**
 * Starts Argo CD without its API server. Its repo-server needs Redis, which is installed if it is missing.
 *
 * @param dir for its files
 */
export async function startArgoController(dir: string, kube: KubeServer): Promise<ArgoController> {
  const { argocd } = await binaries("argocd");
  const block = await freeBlock(8081);
  const redis = await startRedis(dir, `${block}11`);
  const repository = join(dir, "repository");
  await run("git", ["init", "-q", "--initial-branch=main", repository]);
  await applySettings(kube);
  const programs = await scripts(join(dir, "bin"));
  const repoServer = `${block}10:8081`;
  const env = (name: string) => ({
    ARGOCD_BINARY_NAME: name,
    ARGOCD_GPG_ENABLED: "false",
    ARGOCD_FAKE_IN_CLUSTER: "true",
    HOME: dir,
    KUBECONFIG: kube.kubeconfig,
    PATH: `${programs}:${process.env["PATH"] ?? ""}`,
    REDIS_SERVER: `${block}11:6379`,
    TMPDIR: dir,
  });
  const start = (name: string, args: readonly string[]): ServerProcess =>
    launch({ name, command: argocd, args, env: env(name), logFile: join(dir, `${name}.log`) });
  const processes = [
    start("argocd-repo-server", [
      `--address=${block}10`,
      "--port=8081",
      `--metrics-address=${block}10`,
      // By default, it looks for a new commit only every three minutes.
      "--revision-cache-expiration=1s",
      `--redis=${block}11:6379`,
    ]),
    start("argocd-application-controller", [
      `--kubeconfig=${kube.kubeconfig}`,
      `--namespace=${namespace}`,
      `--repo-server=${repoServer}`,
      `--redis=${block}11:6379`,
      "--app-resync=5",
      "--persist-resource-health",
      `--metrics-port=${20_000 + Math.floor(Math.random() * 10_000)}`,
    ]),
  ];
  return {
    repoURL: `file://${repository}`,
    async commit(files, branch = "main") {
      const author = ["-c", "user.name=test", "-c", "user.email=test@vault-hooks.invalid"];
      const git = (...args: string[]) => run("git", [...author, ...args], { cwd: repository });
      await git("checkout", "-q", "-B", branch);
      for (const [file, text] of Object.entries(files)) {
        await mkdir(dirname(join(repository, file)), { recursive: true });
        await writeFile(join(repository, file), text);
      }
      await git("add", "--all");
      await git("commit", "-q", "--allow-empty", "-m", "change");
      await git("checkout", "-q", "-B", "main");
    },
    async close() {
      for (const each of [...processes, redis]) await each.end("SIGKILL");
    },
  };
}

/** Writes the scripts of Argo CD's image that its repo-server calls. @returns their folder */
async function scripts(folder: string): Promise<string> {
  const name = "git-verify-wrapper.sh";
  await mkdir(folder);
  await copyFile(join(await moduleSource("argocd"), "hack", name), join(folder, name));
  await chmod(join(folder, name), 0o755);
  return folder;
}

async function startRedis(dir: string, host: string): Promise<ServerProcess> {
  if (!existsSync("/usr/bin/redis-server")) await ensurePackages(["redis-server"]);
  const args = ["--bind", host, "--port", "6379", "--save", "", "--appendonly", "no", "--dir", dir];
  const redis = launch({ name: "redis", command: "redis-server", args, logFile: join(dir, "redis.log") });
  await redis.ready(async () => (await attempt("redis-cli", ["-h", host, "ping"])).stdout.trim() === "PONG");
  return redis;
}

/** What the install manifest of Argo CD has, as far as these two programs need it. */
async function applySettings(kube: KubeServer): Promise<void> {
  await kube.apply(JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }));
  const source = await moduleSource("argocd");
  for (const crd of ["application-crd", "appproject-crd"])
    await kube.apply(await readFile(join(source, `manifests/crds/${crd}.yaml`), "utf8"));
  await kube.kubectl(["wait", "crd", "--all", "--for=condition=Established", "--timeout=60s"]);
  const metadata = (name: string) => ({
    name,
    namespace,
    labels: { "app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/name": name },
  });
  await kube.apply(
    [
      { apiVersion: "v1", kind: "ConfigMap", metadata: metadata("argocd-cm"), data: {} },
      { apiVersion: "v1", kind: "ConfigMap", metadata: metadata("argocd-rbac-cm"), data: {} },
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: metadata("argocd-secret"),
        stringData: { "server.secretkey": "x" },
      },
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "AppProject",
        metadata: { name: "default", namespace },
        spec: {
          sourceRepos: ["*"],
          destinations: [{ namespace: "*", server: "*" }],
          clusterResourceWhitelist: [{ group: "*", kind: "*" }],
        },
      },
    ]
      .map((each) => JSON.stringify(each))
      .join("\n---\n"),
  );
}
