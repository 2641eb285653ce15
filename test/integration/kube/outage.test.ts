import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { connect, failure } from "./setup.ts";

let server: KubeServer;

beforeAll(async () => {
  server = await startKube();
});
afterAll(async () => await server?.close());
afterEach(() => {
  vi.restoreAllMocks();
});

/** Sets the wall clock of this process, as an administrator or NTP does. */
function setClock(byMs: number): void {
  const now = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => now() + byMs);
}

describe("an outage of the API server", () => {
  it("is survived by reads and writes, which are retried", async () => {
    const kube = await connect(server.kubeconfig, 60_000);
    await kube.pods("default");
    await server.stop();

    const calls = Promise.all([
      kube.pods("default"),
      kube.createSecret("default", { name: "kept", data: { a: "in an outage" } }),
    ]);
    await delay(2000);
    await server.start();
    const [pods, stored] = await calls;

    expect(pods).toEqual([]);
    expect(stored?.data).toEqual({ a: "in an outage" });
  });

  it("ends a read at the deadline with its cause", async () => {
    const kube = await connect(server.kubeconfig, 4000);
    await kube.pods("default");
    await server.stop();

    const error = await failure(kube.pods("default"));
    await server.start();

    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("ECONNREFUSED") });
  });

  it("ends a read at once when the run is stopped, but not a write", async () => {
    const stop = new AbortController();
    const kube = await connect(server.kubeconfig, 60_000, stop.signal);
    await kube.pods("default");
    await server.stop();
    const read = failure(kube.pods("default"));
    const write = kube.createSecret("default", { name: "stopped", data: { a: "all the same" } });

    await delay(300);
    const aborted = Date.now();
    stop.abort();
    const error = await read;
    const took = Date.now() - aborted;
    await server.start();

    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("stopped while waiting for") });
    expect(took).toBeLessThan(30_000); // its deadline comes after 60 s
    expect((await write)?.data).toEqual({ a: "all the same" });
  });
});

describe("a Lease", () => {
  it("has one holder at a time, is renewed meanwhile, and is released at the end", async () => {
    const [first, second] = await Promise.all([connect(server.kubeconfig), connect(server.kubeconfig)]);
    const log: string[] = [];
    const act = (who: string, ms: number) => async () => {
      log.push(`${who} in`);
      await delay(ms);
      log.push(`${who} out`);
    };

    // longer than two renewals
    const long = first.underLease("default", "one", AbortSignal.timeout(60_000), act("first", 8000));
    await delay(500);
    const renewed = await server.kubectl(["get", "lease", "one", "-o=jsonpath={.spec.holderIdentity}"]);
    await Promise.all([long, second.underLease("default", "one", AbortSignal.timeout(60_000), act("second", 10))]);

    expect(renewed).not.toBe("");
    expect(log).toEqual(["first in", "first out", "second in", "second out"]);
    expect(await server.kubectl(["get", "lease", "one", "-o=jsonpath={.spec.holderIdentity}"])).toBe("");
    expect(await server.kubectl(["get", "lease", "one", "-o=jsonpath={.spec.leaseTransitions}"])).toBe("1");
  });

  it("is released also when the work under it fails", async () => {
    const kube = await connect(server.kubeconfig);
    const work = kube.underLease("default", "failing", AbortSignal.timeout(5000), () =>
      Promise.reject(new Error("mine")),
    );

    await expect(work).rejects.toThrow("mine");
    expect(await kube.underLease("default", "failing", AbortSignal.timeout(5000), async () => "next")).toBe("next");
  });

  it("is not waited for after the signal aborts, and the error names its holder", async () => {
    await server.apply(lease("taken", "pod-a", 3600));
    const kube = await connect(server.kubeconfig);

    const error = await failure(kube.underLease("default", "taken", AbortSignal.timeout(1500), async () => "in"));

    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("pod-a holds it since 2026") });
  });

  it("is reported without a holder when the run was stopped before the first request", async () => {
    const kube = await connect(server.kubeconfig);

    const error = await failure(
      kube.underLease("default", "free", AbortSignal.abort(new Error("SIGTERM")), async () => "in"),
    );

    expect(error).toMatchObject({ exitCode: 3, message: "stopped while waiting for Lease default/free" });
  });

  it("is taken over from a dead holder once it has expired, and not before", async () => {
    await server.apply(lease("dead", "pod-b", 4));
    const kube = await connect(server.kubeconfig);
    const started = Date.now();

    const took = await kube.underLease(
      "default",
      "dead",
      AbortSignal.timeout(30_000),
      async () => Date.now() - started,
    );

    expect(took).toBeGreaterThanOrEqual(4000);
    expect(took).toBeLessThan(8000);
  });

  it("is not taken over early by a run whose wall clock jumps ahead", async () => {
    await server.apply(lease("early", "pod-d", 4));
    const kube = await connect(server.kubeconfig);
    const started = performance.now();
    const taking = kube.underLease("default", "early", AbortSignal.timeout(30_000), async () => performance.now());
    await delay(1000);
    setClock(3_600_000);

    expect((await taking) - started).toBeGreaterThanOrEqual(4000);
  });

  it.each([
    ["ahead", 3_600_000],
    ["back", -3_600_000],
  ])("is kept by a holder whose wall clock jumps %s, over several renewals", async (name, byMs) => {
    const kube = await connect(server.kubeconfig, 60_000);
    const held = kube.underLease("default", `jump-${name}`, AbortSignal.timeout(5000), async (lost) => {
      setClock(byMs);
      await delay(8000);
      return lost.aborted;
    });

    expect(await held).toBe(false);
  });

  it("is taken back at once by a process that has the name of its holder", async () => {
    await server.apply(lease("own", "vault-watch-0", 3600));
    const kube = await connect(server.kubeconfig);
    const wish = { holder: "vault-watch-0" };

    expect(await kube.underLease("default", "own", AbortSignal.timeout(5000), async () => "in", wish)).toBe("in");
  });

  it("is taken over by only one of several runs that wait for a dead holder", async () => {
    await server.apply(lease("contended", "pod-c", 2));
    let [inside, most] = [0, 0];
    const act = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await delay(200);
      inside -= 1;
    };

    const all = await Promise.all([1, 2, 3, 4].map(() => connect(server.kubeconfig)));
    await Promise.all(all.map((each) => each.underLease("default", "contended", AbortSignal.timeout(30_000), act)));

    expect(most).toBe(1);
  });

  it("aborts the work under it, and discards its result, when another run has taken it", async () => {
    const kube = await connect(server.kubeconfig);
    const work = kube.underLease("default", "stolen", AbortSignal.timeout(5000), async (lost) => {
      await server.kubectl(["patch", "lease", "stolen", "-p", '{"spec":{"holderIdentity":"thief"}}']);
      await new Promise((resolve) => lost.addEventListener("abort", resolve));
      return "done";
    });

    const error = await failure(work);

    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("another run holds it") });
    expect(await server.kubectl(["get", "lease", "stolen", "-o=jsonpath={.spec.holderIdentity}"])).toBe("thief");
  });

  it("counts as lost before another run could take it over, when it cannot be renewed", async () => {
    const kube = await connect(server.kubeconfig);
    let [entered, lostAt] = [0, 0];
    const work = kube.underLease("default", "cut", AbortSignal.timeout(5000), async (lost) => {
      entered = Date.now();
      await server.stop();
      await new Promise((resolve) => lost.addEventListener("abort", resolve));
      lostAt = Date.now();
    });

    const error = await failure(work);
    await server.start();

    expect(error.message).toContain("lost Lease default/cut");
    expect(lostAt - entered).toBeLessThan(20_000);
  });
});

function lease(name: string, holderIdentity: string, leaseDurationSeconds: number): string {
  const time = "2026-01-01T00:00:00.000000Z";
  const spec = { holderIdentity, leaseDurationSeconds, acquireTime: time, renewTime: time, leaseTransitions: 0 };
  return JSON.stringify({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, namespace: "default" },
    spec,
  });
}
