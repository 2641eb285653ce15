import type { V1Pod } from "@kubernetes/client-node";
import { gitHead } from "../../cluster/cluster.ts";
import { repository } from "../../cluster/git-server.ts";
import { projectDir } from "../../cluster/paths.ts";
import { run } from "../../cluster/run.ts";
import type { Api, KubeObject } from "./api.ts";
import type { SearchedText } from "./leaks.ts";
import type { Recorder } from "./recorder.ts";

type ResourceList = { resources: Array<{ name: string; kind: string; verbs: string[] }> };
type GroupList = { groups: Array<{ preferredVersion: { groupVersion: string } }> };

/** The Secrets that may hold secret values. Everything else is searched, including all other Secrets. */
const allowed =
  /^(app\/secretkv|vault\/(shop-database|people-oidc)|vault(-\w+)?-custody\/vault-(unseal-keys|root-token|init-answer))$/;

/** Lists every object of every kind in the cluster, with the path of its list. */
export async function allObjects(api: Api): Promise<Array<{ path: string; object: KubeObject }>> {
  return (await Promise.all((await listPaths(api)).map((path) => listOf(api, path)))).flat();
}

/** Returns every object in the cluster, with Secrets decoded, except the Secrets that may hold secret values. */
export async function objectPlaces(api: Api): Promise<SearchedText[]> {
  const objects = await allObjects(api);
  return objects.map(({ path, object }) => ({ where: nameOf(path, object), text: textOf(object) })).filter(isSearched);
}

/** Returns every recorded version of every object, also of objects that are gone. */
export function recordedPlaces({ seen }: Recorder): SearchedText[] {
  return seen
    .map(({ kind, revision, object }) => ({
      where: `${nameOf(kind, object)} at revision ${revision}`,
      text: textOf(object),
    }))
    .filter(isSearched);
}

/** Returns the logs of every container of every pod, also of the previous run of a restarted container. */
export async function logPlaces(api: Api): Promise<SearchedText[]> {
  const pods = await api.list<V1Pod>("/api/v1/pods");
  return (await Promise.all(pods.map((pod) => logsOf(api, pod)))).flat();
}

export async function logsOf(api: Api, { metadata, spec }: V1Pod): Promise<SearchedText[]> {
  const path = `/api/v1/namespaces/${metadata?.namespace}/pods/${metadata?.name}/log`;
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) => name);
  const wanted = containers.flatMap((name) => [`container=${name}`, `container=${name}&previous=true`]);
  return await Promise.all(
    wanted.map(async (query) => ({ where: `the log of ${path}?${query}`, text: await api.text(`${path}?${query}`) })),
  );
}

/** Returns the checkout's files, and every commit of the repository that Argo CD reads. */
export async function repositoryPlaces(): Promise<SearchedText[]> {
  const files = await run("git", ["grep", "-I", "-h", "-e", ""], { cwd: projectDir });
  const head = (await gitHead()) ?? "";
  const history = await run("git", ["--git-dir", repository, "log", "--patch", head]);
  return [
    { where: "the checkout", text: files },
    { where: "the served repository's history", text: history },
  ];
}

async function listPaths(api: Api): Promise<string[]> {
  const { groups } = await api.get<GroupList>("/apis");
  const versions = ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const lists = await Promise.all(
    versions.map(async (version) => ({ version, found: await api.find<ResourceList>(version) })),
  );
  return lists.flatMap(({ version, found }) =>
    (found?.resources ?? [])
      .filter(({ name, verbs }) => verbs.includes("list") && !name.includes("/"))
      .map(({ name }) => `${version}/${name}`),
  );
}

async function listOf(api: Api, path: string): Promise<Array<{ path: string; object: KubeObject }>> {
  return (await api.list<KubeObject>(path)).map((object) => ({ path, object }));
}

function nameOf(kind: string, { metadata }: KubeObject): string {
  const short = kind.split("/").at(-1) ?? kind;
  return `${short} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

/** The JSON of an object, and the decoded values of a Secret. Other kinds may have data of other types. */
function textOf(object: KubeObject): string {
  const { data } = object as { data?: Record<string, unknown> };
  const values = Object.values(data ?? {}).filter((value) => typeof value === "string");
  return [JSON.stringify(object), ...values.map((value) => Buffer.from(value, "base64").toString())].join("\n");
}

function isSearched({ where }: SearchedText): boolean {
  const [kind = "", name = ""] = where.split(" ");
  return !(kind.toLowerCase().startsWith("secret") && allowed.test(name));
}
