import { expect, test } from "vitest";
import { withLoadedImages } from "../cluster/argocd.ts";

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
