import type { Deadline } from "../util/deadline.ts";
import { openCaller } from "./call.ts";
import { configMaps } from "./config-maps.ts";
import { customObjects } from "./custom-objects.ts";
import { events } from "./events.ts";
import { podFollower } from "./follow-pods.ts";
import type { Kube } from "./kube.ts";
import { leases } from "./lease.ts";
import { lineStreams } from "./line-stream.ts";
import { type KubeSettings, loadConfig } from "./load-config.ts";
import { namespaces } from "./namespaces.ts";
import { forwardPort } from "./port-forward.ts";
import { secrets } from "./secrets.ts";
import { workload } from "./workload.ts";

/**
 * Opens a client for the cluster in the settings. Sends nothing yet.
 *
 * @param deadline ends every wait for an answer
 * @param known whether the cluster has answered this run before
 * @throws ConfigError if there is no usable kubeconfig
 */
export async function connectKube(settings: KubeSettings, deadline: Deadline, known = false): Promise<Kube> {
  // takes a third of a second from source; commands without a cluster skip it
  const client = await import("./client-node.ts");
  const { config, inCluster } = await loadConfig(() => new client.KubeConfig(), settings);
  const server = config.getCurrentCluster()?.server ?? "";
  const call = openCaller({ fetching: new client.IsomorphicFetchHttpLibrary(), server, inCluster, deadline, known });
  const core = config.makeApiClient(client.CoreV1Api);
  const custom = config.makeApiClient(client.CustomObjectsApi);
  const tunnel = new client.PortForward(config);
  return {
    inCluster,
    ...workload(call, config.makeApiClient(client.AppsV1Api), core),
    ...podFollower({
      call,
      core,
      lines: lineStreams({ RequestContext: client.RequestContext, HttpMethod: client.HttpMethod }, config),
      apiServer: { server, inCluster },
    }),
    ...secrets(call, core),
    ...configMaps(call, core),
    ...namespaces(call, core),
    ...customObjects(call, custom),
    ...events(call, custom),
    ...leases(call, config.makeApiClient(client.CoordinationV1Api), () => new client.V1MicroTime()),
    forward: (namespace, pod, port) => forwardPort(tunnel, { namespace, pod, port }, deadline),
  };
}
