/** The used exports of the Kubernetes client. The bundle leaves out all others, nine tenths of it. */
export {
  AppsV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  HttpMethod,
  IsomorphicFetchHttpLibrary,
  KubeConfig,
  PortForward,
  RequestContext,
  V1MicroTime,
} from "@kubernetes/client-node";
