import { expect, test } from "vitest";
import { argocdIsForeign, waitingReasons, withLoadedImages } from "../cluster/argocd.ts";

const server = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: argocd-server
spec:
  template:
    spec:
      containers:
      - image: quay.io/argoproj/argocd:v3.2.0
        imagePullPolicy: Always
`;
const dex = `
apiVersion: apps/v1
kind: Deployment
metadata:
  labels: {}
  name: argocd-dex-server
spec:
  template:
    spec: {}
`;

test("loaded images are used, Dex does not run, and the rest of the manifest is as it was", () => {
  const changed = withLoadedImages(`${server}---${dex}`);

  const expected = `${server.replace("Always", "IfNotPresent")}---${dex.replace("\nspec:\n", "\nspec:\n  replicas: 0\n")}`;
  expect(changed).toBe(expected);
});

test("Dex's Service, of the same name, is left alone", () => {
  const service = "kind: Service\nmetadata:\n  name: argocd-dex-server\nspec:\n  ports: []\n";
  expect(withLoadedImages(service)).toBe(service);
});

test("a pod that cannot pull its image is reported with the reason, one that is starting is not", () => {
  const waiting = (name: string, reason: string, message?: string) => ({
    metadata: { name },
    status: { containerStatuses: [{ state: { waiting: { reason, message } } }] },
  });
  const items = [
    waiting("argocd-redis-0", "ErrImagePull", "no such host"),
    waiting("argocd-server-0", "ContainerCreating"),
  ];

  expect(waitingReasons(JSON.stringify({ items }))).toEqual(["argocd-redis-0: ErrImagePull: no such host"]);
});

test.each([
  ["no Argo CD", "", "", false],
  [
    "an Argo CD that make up installed, perhaps by half",
    "crd/x",
    '{"app.kubernetes.io/managed-by":"vault-hooks-make-up"}',
    false,
  ],
  ["an Argo CD of somebody else", "crd/x", '{"kubernetes.io/metadata.name":"argocd"}', true],
])("a cluster with %s is recognised", async (_, crd, labels, foreign) => {
  const kubectl = async (args: readonly string[]) => (args.includes("crd") ? crd : labels);

  await expect(argocdIsForeign(kubectl)).resolves.toBe(foreign);
});
