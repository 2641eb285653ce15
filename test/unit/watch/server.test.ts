import { afterEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/errors.ts";
import { type Health, serve } from "../../../src/watch/server.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const well: Health = { unhealthy: () => undefined, unready: () => undefined, metrics: () => "vault_hooks_up 1\n" };

async function start(health: Partial<Health> = {}): Promise<string> {
  const listener = await serve({ host: "127.0.0.1", port: 0 }, { ...well, ...health });
  closers.push(listener.close);
  return `http://127.0.0.1:${listener.port}`;
}

describe("the listener of watch", () => {
  it("answers its probes with 200 while all is well", async () => {
    const origin = await start();
    const statuses = await Promise.all(
      ["/healthz", "/readyz?verbose"].map(async (path) => (await fetch(origin + path)).status),
    );

    expect(statuses).toEqual([200, 200]);
  });

  it("says why it is not ready, and is healthy all the same", async () => {
    const origin = await start({ unready: () => "nothing has been read yet" });
    const ready = await fetch(`${origin}/readyz`);

    expect([ready.status, await ready.text()]).toEqual([503, "nothing has been read yet\n"]);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  });

  it("fails its liveness probe when something hangs", async () => {
    const origin = await start({ unhealthy: () => "a repair hangs" });

    expect((await fetch(`${origin}/healthz`)).status).toBe(503);
  });

  it("serves the metrics in the format of Prometheus", async () => {
    const answer = await fetch(`${await start()}/metrics`);

    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await answer.text()).toBe("vault_hooks_up 1\n");
  });

  it("changes nothing: it refuses other methods and other paths", async () => {
    const origin = await start();

    expect((await fetch(`${origin}/metrics`, { method: "POST", body: "x" })).status).toBe(405);
    expect((await fetch(`${origin}/debug`)).status).toBe(404);
  });

  it("is refused with the setting's name when its port is taken", async () => {
    const { port } = new URL(await start());
    const second = serve({ host: "127.0.0.1", port: Number(port) }, well);

    await expect(second).rejects.toThrow(ConfigError);
    await expect(second).rejects.toThrow(`--listen: cannot listen on 127.0.0.1:${port}`);
  });
});
