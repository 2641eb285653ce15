import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectKube } from "../../../src/kube/client.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { makeCa, makeCertificate } from "../../helpers/certificates.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { connect, failure, settingsFor } from "./setup.ts";

let dir: string;
beforeAll(async () => {
  dir = await tempDir("elsewhere");
  await makeCa(dir);
  await makeCertificate(dir, "server", "/CN=server", "IP:127.0.0.1");
});
afterAll(() => rm(dir, { recursive: true, force: true }));

type Answer = { readonly status: number; readonly type: string; readonly body: string };

/** A server of something else, or one that takes requests and never answers. */
async function startServer(answer: Answer | undefined): Promise<{ server: Server; url: string }> {
  const [key, cert] = await Promise.all(["server.key", "server.crt"].map((name) => readFile(join(dir, name))));
  const server = createServer({ key, cert }, (_, response) => {
    if (answer !== undefined) response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function kubeconfig(url: string, user: object): Promise<string> {
  const ca = (await readFile(join(dir, "ca.crt"))).toString("base64");
  const config = {
    "current-context": "test",
    clusters: [{ name: "test", cluster: { server: url, "certificate-authority-data": ca } }],
    users: [{ name: "test", user }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
  };
  const file = join(dir, "kubeconfig");
  await writeFile(file, JSON.stringify(config));
  return file;
}

describe("an address at which there is something else than Kubernetes", () => {
  it.each([
    ["a login page", { status: 200, type: "text/html", body: "<html>Log in</html>" }],
    ["JSON of something else", { status: 200, type: "application/json", body: "{}" }],
    ["JSON of nothing", { status: 200, type: "application/json", body: "null" }],
    ["a 404 of something else", { status: 404, type: "text/plain", body: "404 page not found" }],
  ])("is told as such, where it answers with %s", async (_, answer) => {
    const { server, url } = await startServer(answer);
    const kube = await connect(await kubeconfig(url, { token: "any" }));

    const errors = [await failure(kube.pods("default")), await failure(kube.configMap("default", "any"))];
    server.close();

    for (const error of errors) {
      const message = expect.stringContaining("is this the API server's address?");
      expect(error).toMatchObject({ exitCode: 2, message });
    }
  });
});

describe("a read that is under way when the run is told to stop", () => {
  const slowLogin = { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "sleep", args: ["30"] } };

  it.each([
    ["waits for an answer", { token: "any" }],
    ["waits for a login program of the kubeconfig", slowLogin],
  ])("ends at once, and nothing is said to be wrong, while it %s", async (_, user) => {
    const { server, url } = await startServer(undefined);
    const stop = new AbortController();
    const kube = await connectKube(settingsFor(await kubeconfig(url, user)), deadlineIn(20_000, stop.signal));
    setTimeout(() => stop.abort(new Error("SIGTERM")), 1000);
    const started = Date.now();

    const error = await failure(kube.pods("default"));
    server.closeAllConnections();
    server.close();

    const message = expect.stringContaining("told to stop while waiting for Kubernetes to list Pods");
    expect(error).toMatchObject({ exitCode: 3, message });
    expect(Date.now() - started).toBeLessThan(5000);
  });
});
