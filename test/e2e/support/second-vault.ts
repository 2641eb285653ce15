import type { V1Pod } from "@kubernetes/client-node";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { packedChart } from "../../cluster/chart-server.ts";
import { kubectl } from "../../cluster/cluster.ts";
import { run } from "../../cluster/run.ts";
import { serverPath } from "../../cluster/servers.ts";
import type { Api, KubeObject } from "./api.ts";

/** A Vault that Argo CD does not manage. Its namespace, release and StatefulSet are all called `name`. */
export type SecondVault = {
  readonly name: string;
  /** The flags that point the program at it. */
  readonly flags: readonly string[];
};

const chartVersion = "0.34.1";

/** @param values chart values, in addition to those of the sample */
export async function installVault(
  name: string,
  replicas: number,
  values: readonly string[] = [],
): Promise<SecondVault> {
  const path = "/v1/sys/health?standbyok=true&sealedcode=204&uninitcode=204&removedcode=204&haunhealthycode=204";
  const set = [
    "injector.enabled=false",
    "server.affinity=",
    "server.image.repository=hashicorp/vault",
    "server.image.tag=1.21.1",
    "server.readinessProbe.enabled=true",
    `server.readinessProbe.path=${path}`,
    "server.ha.enabled=true",
    `server.ha.replicas=${replicas}`,
    "server.ha.raft.enabled=true",
    "server.ha.raft.setNodeId=true",
    ...values,
  ].flatMap((value) => ["--set", value]);
  const chart = packedChart("vault", chartVersion);
  const manifest = await run(serverPath("helm"), [
    "template",
    name,
    chart,
    "--namespace",
    name,
    "--skip-tests",
    ...set,
  ]);
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  await kubectl(["apply", "-f", "-"], { input: JSON.stringify(namespace) });
  await kubectl(["apply", "-n", name, "-f", "-"], { input: manifest });
  const flags = ["--namespace", name, "--statefulset", name, "--custody-namespace", `${name}-custody`];
  return { name, flags };
}

/** Waits until this many of its pods are Running. */
export async function podsRunning(api: Api, { name }: SecondVault, count: number): Promise<void> {
  await until(`${count} pods of ${name}`, deadlineIn(120_000), async () => {
    const pods = await api.list<V1Pod>(`/api/v1/namespaces/${name}/pods`);
    return pods.filter(({ status }) => status?.phase === "Running").length >= count ? true : undefined;
  });
}

/** Returns once everything is gone, so that the name can be used again. */
export async function removeVault(api: Api, { name }: SecondVault): Promise<void> {
  const namespaces = [name, `${name}-custody`];
  for (const namespace of namespaces) await api.remove(`/api/v1/namespaces/${namespace}`);
  await until(`the end of ${namespaces.join(" and ")}`, deadlineIn(120_000), async () => {
    const left = await api.list<KubeObject>("/api/v1/namespaces");
    return left.some(({ metadata }) => namespaces.includes(metadata.name)) ? undefined : true;
  });
  await api.remove(`/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${name}-server-binding`);
}
