import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { packageCharts, packedChart } from "../cluster/chart-server.ts";
import { kindProgram } from "../cluster/kind/commands.ts";
import { ensureNodeImage } from "../cluster/kind/kind-node.ts";
import { kubectlProgram } from "../cluster/kubectl.ts";
import { projectDir } from "../cluster/paths.ts";
import { attempt, run } from "../cluster/run.ts";
import { serverPath } from "../cluster/servers.ts";
import { images } from "../cluster/versions.ts";
import { buildImage } from "../image/build.ts";

/**
 * Runs the commands in section "By hand" of a Markdown page from standard input, as a reader would type them, with the page's
 * configuration of kind for cgroup v1. Replaces only those that need a registry.
 * Usage: CLUSTER=kind tsx test/long/kind-by-hand.ts < docs/kind.md
 */
const page = await text(process.stdin);
const section = page.slice(page.indexOf("## By hand"));
const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? "");
if (blocks.length === 0) throw new Error('the page has no commands in section "By hand"');
const kindYaml = /^```yaml\n([\s\S]*?)^```$/m.exec(section)?.[1];
if (kindYaml === undefined) throw new Error('the page has no configuration of kind in section "By hand"');

const home = await mkdtemp(join(tmpdir(), "vault-hooks-by-hand-"));
try {
  await mkdir(join(home, "bin"));
  const tools = { kind: await kindProgram(), kubectl: await kubectlProgram(), helm: serverPath("helm") };
  for (const [name, path] of Object.entries(tools)) {
    if (path.startsWith("/")) await symlink(path, join(home, "bin", name));
  }
  await writeFile(join(home, "kind.yaml"), kindYaml);
  const script = await withoutRegistry(blocks.join("\n"));
  const npmCache = (await run("npm", ["config", "get", "cache"])).trim();
  const node = dirname(process.execPath);
  const env = {
    HOME: home,
    PATH: `${home}/bin:${node}:${process.env["PATH"]}`,
    KUBECONFIG: "",
    npm_config_cache: npmCache,
  };
  const options = { cwd: projectDir, env, timeoutMs: 1_800_000 };
  const { code, stdout, stderr } = await attempt("bash", ["-euxo", "pipefail", "-c", script], options);
  if (code !== 0) throw new Error(`the commands exited with ${code}:\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`);
  console.log(stdout);
} finally {
  await attempt(await kindProgram(), ["delete", "cluster"]);
  await rm(home, { recursive: true });
}

async function withoutRegistry(script: string): Promise<string> {
  const { ref, archive } = await buildImage();
  await packageCharts();
  const save = `docker exec vault-hooks-control-plane ctr -n k8s.io images export - ${images.vault}`;
  const load = `${save} | docker exec -i kind-control-plane ctr -n k8s.io images import -`;
  // kindest/node has a provisioner of its own
  const provisioner = `mkdir -p ~/state && cp ~/.kube/config ~/state/admin.kubeconfig
CLUSTER_STATE=$HOME/state node ${join(projectDir, "test/cluster/provisioner.ts")} > /dev/null 2>&1 &
trap "kill $!" EXIT`;
  const replacements: readonly (readonly [string | RegExp, string])[] = [
    [
      "kind create cluster",
      `kind create cluster --wait 5m --config ~/kind.yaml --image ${await ensureNodeImage()}\n${load}\n${provisioner}`,
    ],
    [/vault --repo \S+ --version 0\.34\.1/, packedChart("vault", "0.34.1")],
    ["docker build -t vault-hooks .", `docker load -i ${archive}\ndocker tag ${ref} vault-hooks`],
  ];
  return replacements.reduce((text, [from, to]) => {
    const replaced = text.replace(from, to);
    if (replaced === text)
      throw new Error(`the page no longer has "${from}": change the replacement in kind-by-hand.ts`);
    return replaced;
  }, script);
}
