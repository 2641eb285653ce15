import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { kindClusterExists, kindCommands } from "../cluster/kind/commands.ts";
import { dockerAdvice, hasCapability } from "../cluster/kind/docker.ts";
import { kindConfig } from "../cluster/kind/kind.ts";
import { librariesIn } from "../cluster/kind/kind-node.ts";
import { kubeconfig } from "../cluster/paths.ts";
import { registryFailure } from "../cluster/registry.ts";

describe("kind's commands", () => {
  test("name the cluster wherever they change something, and the node image", () => {
    const commands = [
      kindCommands.create("image:1", "/state/kind.json"),
      kindCommands.loadArchive("/cache/image.tar"),
      kindCommands.loadImage("image:2"),
      kindCommands.delete(),
    ];

    expect(commands.map((args) => args.join(" "))).toEqual([
      `create cluster --name vault-hooks --image image:1 --config /state/kind.json --kubeconfig ${kubeconfig} --wait 5m`,
      "load image-archive /cache/image.tar --name vault-hooks",
      "load docker-image image:2 --name vault-hooks",
      `delete cluster --name vault-hooks --kubeconfig ${kubeconfig}`,
    ]);
  });

  test("write the kubeconfig to a file of our own, not the user's", () => {
    expect(kindCommands.exportKubeconfig().join(" ")).toBe(
      `export kubeconfig --name vault-hooks --kubeconfig ${kubeconfig}`,
    );
  });

  test.each([
    ["kind\nvault-hooks\n", true],
    ["vault-hooks-2\n", false],
    ["No kind clusters found.\n", false],
  ])("find a cluster of our name by its whole name in %j", (printed, there) => {
    expect(kindClusterExists(printed)).toBe(there);
  });
});

describe("kind's configuration", () => {
  test.each([
    [undefined, ["control-plane"]],
    ["3", ["control-plane", "worker", "worker", "worker"]],
  ])("has the nodes that CLUSTER_WORKERS=%s asks for", (workers, roles) => {
    expect(JSON.parse(kindConfig(workers)).nodes.map(({ role }: { role: string }) => role)).toEqual(roles);
  });

  test.each(["three", "-1", "10", ""])("refuses CLUSTER_WORKERS=%j", (workers) => {
    expect(() => kindConfig(workers)).toThrow(
      `CLUSTER_WORKERS: found "${workers}", expected a whole number from 0 to 9`,
    );
  });
});

describe("the answer of docker version", () => {
  const failed = (stderr: string) => ({ code: 1, stdout: "", stderr });

  test("of a daemon that runs needs nothing", () => {
    expect(dockerAdvice({ code: 0, stdout: "28.2.2", stderr: "" }, false)).toBeUndefined();
  });

  test("of no daemon, for root, lets make up start one", () => {
    expect(dockerAdvice(failed("Cannot connect to the Docker daemon"), true)).toBe("start");
    expect(dockerAdvice(undefined, true)).toBe("start");
  });

  test("of no daemon, for a user, says to install and start Docker", () => {
    expect(dockerAdvice(undefined, false)).toMatch(
      /needs Docker: there is no program docker\nInstall and start Docker/,
    );
    expect(dockerAdvice(failed("Cannot connect to the Docker daemon"), false)).toMatch(
      /Cannot connect.*\nInstall and start/,
    );
  });

  test("that rights are missing says how to get them, even to root", () => {
    const denied = failed("permission denied while trying to connect to the Docker daemon socket");

    expect(dockerAdvice(denied, false)).toMatch(/Docker refuses this user: permission denied.*\nJoin the group docker/);
    expect(dockerAdvice(denied, true)).toMatch(/Join the group docker/);
  });
});

test.each([
  ["000001fffeffffff", false],
  ["000001ffffffffff", true],
])("CapBnd %s has CAP_SYS_RESOURCE: %s", (set, has) => {
  expect(hasCapability(`Name:\tx\nCapBnd:\t${set}\n`, 24n)).toBe(has);
});

test("the libraries of a program and its extensions are read from ldd, each once", () => {
  const listing = `/usr/sbin/xtables-nft-multi:
\tlinux-vdso.so.1 (0x00007ffd)
\tlibmnl.so.0 => /lib/x86_64-linux-gnu/libmnl.so.0 (0x00007f1)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f2)
/usr/lib/x86_64-linux-gnu/xtables/libxt_statistic.so:
\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f3)
\tlibmnl.so.0 => /lib/x86_64-linux-gnu/libmnl.so.0 (0x00007f1)
`;

  expect(librariesIn(listing)).toEqual([
    "/lib/x86_64-linux-gnu/libmnl.so.0",
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/libm.so.6",
  ]);
});

describe("a registry", () => {
  let server: Server | undefined;
  afterEach(() => {
    vi.unstubAllEnvs();
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(answer: (response: import("node:http").ServerResponse) => void): Promise<string> {
    server = createServer((_, response) => answer(response));
    await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as { port: number };
    return `http://127.0.0.1:${port}/v2/`;
  }

  test("that asks for a login is reached", async () => {
    const url = await serve((response) => {
      response.writeHead(401, { "docker-distribution-api-version": "registry/2.0" }).end();
    });

    await expect(registryFailure(url)).resolves.toBeUndefined();
  });

  test("is not reached where a proxy answers in its place", async () => {
    const url = await serve((response) => response.writeHead(403).end());

    await expect(registryFailure(url)).resolves.toBe(`${url} answered 403 and is no registry`);
  });

  test("that answers too slowly is reported within the limit", async () => {
    const url = await serve(() => undefined);

    await expect(registryFailure(url, 300)).resolves.toBe(`${url} did not answer within 0.3 s`);
  });

  test("that nobody serves is reported with the reason", async () => {
    await expect(registryFailure("http://127.0.0.1:9/v2/")).resolves.toMatch(/ECONNREFUSED|bad port/);
  });

  test("is as CLUSTER_REGISTRY says, without a question", async () => {
    vi.stubEnv("CLUSTER_REGISTRY", "no");
    await expect(registryFailure("http://127.0.0.1:9/v2/")).resolves.toBe("CLUSTER_REGISTRY is no");
    vi.stubEnv("CLUSTER_REGISTRY", "yes");
    await expect(registryFailure("http://127.0.0.1:9/v2/")).resolves.toBeUndefined();
    vi.stubEnv("CLUSTER_REGISTRY", "perhaps");
    await expect(registryFailure()).rejects.toThrow('CLUSTER_REGISTRY: found "perhaps", expected yes or no');
  });
});
