import { kubectl } from "../../cluster/kubectl.ts";
import { images } from "../../cluster/versions.ts";

const [namespace, name] = ["oidc-issuer", "issuer"];

/** The issuer of an OpenID Connect provider, as pods reach it. */
export const issuerUrl = `http://${name}.${namespace}.svc.cluster.local`;

/** The discovery document that Vault fetches when a login by OpenID Connect is configured. Nobody logs in. */
const discovery = {
  issuer: issuerUrl,
  authorization_endpoint: `${issuerUrl}/authorize`,
  token_endpoint: `${issuerUrl}/token`,
  jwks_uri: `${issuerUrl}/.well-known/jwks`,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
};

/** Serves the discovery document from a pod of its own, and waits until that runs. */
export async function installIssuer(): Promise<void> {
  const metadata = { name, namespace };
  const data = { "openid-configuration": JSON.stringify(discovery), jwks: JSON.stringify({ keys: [] }) };
  const container = {
    name,
    image: images.busybox,
    imagePullPolicy: "IfNotPresent",
    command: ["httpd", "-f", "-p", "8080", "-h", "/www"],
    volumeMounts: [{ name: "documents", mountPath: "/www/.well-known" }],
  };
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    { apiVersion: "v1", kind: "ConfigMap", metadata, data },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...metadata, labels: { app: name } },
      spec: { containers: [container], volumes: [{ name: "documents", configMap: { name } }] },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
  await kubectl(["apply", "-f", "-"], { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
  await kubectl(["-n", namespace, "wait", `pod/${name}`, "--for=condition=Ready", "--timeout=60s"]);
}

export async function removeIssuer(): Promise<void> {
  await kubectl(["delete", "namespace", namespace, "--wait=false"]);
}
