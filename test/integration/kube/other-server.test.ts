import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectKube } from "../../../src/kube/client.ts";
import { redact } from "../../../src/redact.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { makeCa, makeCertificate } from "../../helpers/certificates.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { connect, failure, settingsFor } from "./setup.ts";

let dir: string;
beforeAll(async () => {
  dir = await tempDir("other-server");
  await makeCa(dir);
  await makeCertificate(dir, "server", "/CN=server", "IP:127.0.0.1");
});
afterAll(() => rm(dir, { recursive: true, force: true }));

type Answer = { readonly status: number; readonly type: string; readonly body: string };

/** A server that gives these answers in turn, then the last one repeatedly. It never answers where an answer is undefined. */
async function startServer(...answers: (Answer | undefined)[]): Promise<{ server: Server; url: string }> {
  let requests = 0;
  const [key, cert] = await Promise.all(["server.key", "server.crt"].map((name) => readFile(join(dir, name))));
  const server = createServer({ key, cert }, (_, response) => {
    const answer = answers[Math.min(requests++, answers.length - 1)];
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

describe("an address at which another server answers", () => {
  it.each([
    ["a login page", { status: 200, type: "text/html", body: "<html>Log in</html>" }],
    ["other JSON", { status: 200, type: "application/json", body: "{}" }],
    ["the JSON null", { status: 200, type: "application/json", body: "null" }],
    ["a 404 that is not from Kubernetes", { status: 404, type: "text/plain", body: "404 page not found" }],
  ])("is reported as not Kubernetes when it answers with %s", async (_, answer) => {
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

const pods = { status: 200, type: "application/json", body: '{"kind":"PodList","apiVersion":"v1","items":[]}' };
const notFound = { status: 404, type: "text/plain", body: "404 page not found" };

describe("an address at which Kubernetes may have answered before", () => {
  it("is refused when only a proxy has answered there, that it is not ready", async () => {
    const unready = { status: 503, type: "text/html", body: "<html>not ready</html>" };
    const { server, url } = await startServer(unready, notFound);
    const kube = await connect(await kubeconfig(url, { token: "any" }));

    const error = await failure(kube.pods("default"));
    server.close();

    expect(error).toMatchObject({ exitCode: 2 });
  });

  it("is retried while another server answers in between, such as a proxy whose backend restarts", async () => {
    const { server, url } = await startServer(pods, notFound, notFound, pods);
    const kube = await connect(await kubeconfig(url, { token: "any" }));

    const found = [await kube.pods("default"), await kube.pods("default")];
    server.close();

    expect(found).toEqual([[], []]);
  });

  it("is reported as not ready at the deadline", async () => {
    const { server, url } = await startServer(pods, notFound);
    const kube = await connect(await kubeconfig(url, { token: "any" }), 2000);
    await kube.pods("default");

    const error = await failure(kube.pods("default"));
    server.close();

    expect(error).toMatchObject({ exitCode: 3, todo: expect.stringContaining("has answered before") });
  });
});

describe("an exec credential plugin of the kubeconfig", () => {
  const plugin = (script: string) => ({
    exec: { apiVersion: "client.authentication.k8s.io/v1", command: "sh", args: ["-c", script] },
  });

  it("is reported by the first line of its output when it fails", async () => {
    const { server, url } = await startServer(pods);
    const kube = await connect(await kubeconfig(url, plugin("echo session has expired >&2; echo trace >&2; exit 1")));

    const error = await failure(kube.pods("default"));
    server.close();

    expect(error).toMatchObject({ exitCode: 2, message: expect.stringMatching(/: session has expired$/) });
  });

  it("returns a token that is redacted in all output", async () => {
    const { server, url } = await startServer(pods);
    const credential = '{"kind":"ExecCredential","status":{"token":"token-of-a-plugin"}}';
    const kube = await connect(await kubeconfig(url, plugin(`echo '${credential}'`)));

    await kube.pods("default");
    server.close();

    expect(redact("token-of-a-plugin")).toBe("[redacted]");
  });

  it("may take longer than the first answer, in a read", { timeout: 60_000 }, async () => {
    const { server, url } = await startServer(pods);
    const credential = '{"kind":"ExecCredential","status":{"token":"token-after-a-while"}}';
    const kube = await connect(await kubeconfig(url, plugin(`sleep 12; echo '${credential}'`)));

    const found = await kube.pods("default");
    server.close();

    expect(found).toEqual([]);
  });

  it("is stopped and retried when it never ends, also in a write", { timeout: 100_000 }, async () => {
    const { server, url } = await startServer(pods);
    const kube = await connect(await kubeconfig(url, plugin("sleep 90")), 1000);
    const started = Date.now();

    const error = await failure(kube.createSecret("default", { name: "any", data: {} }));
    server.close();

    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("create Secret any") });
    expect(Date.now() - started).toBeLessThan(80_000);
  });
});

describe("a write to a Kubernetes that is not ready", () => {
  it("is retried for a while, and not until the deadline, after the run was stopped", {
    timeout: 60_000,
  }, async () => {
    const { server, url } = await startServer({ status: 503, type: "text/plain", body: "not ready" });
    const stop = new AbortController();
    const kube = await connectKube(
      settingsFor(await kubeconfig(url, { token: "any" })),
      deadlineIn(90_000, stop.signal),
    );
    stop.abort(new Error("SIGTERM"));
    const started = Date.now();

    const error = await failure(kube.createSecret("default", { name: "any", data: {} }));
    server.close();

    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("not ready") });
    expect(Date.now() - started).toBeGreaterThan(10_000);
    expect(Date.now() - started).toBeLessThan(30_000);
  });
});

describe("a port forwarded through a server that never answers", () => {
  it("is given up at once when the run is stopped", async () => {
    const { server, url } = await startServer(pods);
    server.on("upgrade", () => undefined);
    const stop = new AbortController();
    const kube = await connectKube(
      settingsFor(await kubeconfig(url, { token: "any" })),
      deadlineIn(60_000, stop.signal),
    );
    setTimeout(() => stop.abort(new Error("SIGTERM")), 500);

    const error = await failure(kube.forward("default", "vault-0", 8200));
    server.closeAllConnections();
    server.close();

    expect(error).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining("stopped while waiting for a port"),
    });
  });

  it("is given up at last, later than the API server gives up on a node", { timeout: 90_000 }, async () => {
    const { server, url } = await startServer(pods);
    server.on("upgrade", () => undefined);
    const kube = await connect(await kubeconfig(url, { token: "any" }), 90_000);

    const error = await failure(kube.forward("default", "vault-0", 8200));
    server.closeAllConnections();
    server.close();

    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("did not answer within 45 s") });
  });
});

describe("a read in progress", () => {
  const slowPlugin = { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "sleep", args: ["30"] } };

  it.each([
    ["waits for an answer", { token: "any" }],
    ["waits for an exec credential plugin", slowPlugin],
  ])("ends at once, without blaming Kubernetes, when the run is stopped while it %s", async (_, user) => {
    const { server, url } = await startServer(undefined);
    const stop = new AbortController();
    const kube = await connectKube(settingsFor(await kubeconfig(url, user)), deadlineIn(20_000, stop.signal));
    setTimeout(() => stop.abort(new Error("SIGTERM")), 1000);
    const started = Date.now();

    const error = await failure(kube.pods("default"));
    server.closeAllConnections();
    server.close();

    const message = expect.stringContaining("stopped while waiting for Kubernetes to list Pods");
    expect(error).toMatchObject({ exitCode: 3, message });
    expect(Date.now() - started).toBeLessThan(5000);
  });
});
