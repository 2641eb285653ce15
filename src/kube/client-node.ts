/** What is used of the Kubernetes client, by name: the bundle leaves out the rest, which is nine tenths of it. */
export {
  AppsV1Api,
  CoordinationV1Api,
  CoreV1Api,
  IsomorphicFetchHttpLibrary,
  KubeConfig,
  PortForward,
  V1MicroTime,
} from "@kubernetes/client-node";
