import { describe, expect, it } from "vitest";
import type { Item } from "../../../src/kinds/model/kind.ts";
import { configure, failuresIn, itemsIn, linesOf, planOf, type ServerKind, useKindServer } from "./harness/fixture.ts";

function itemsOf(config: object): readonly Item[] {
  return itemsIn(JSON.stringify(config));
}

describe.each<ServerKind>(["vault", "bao"])("a key that is no longer declared in a map, on %s", (kind) => {
  const server = useKindServer(kind);

  async function read(path: string): Promise<unknown> {
    return (await server.vault.read(path))?.["data"];
  }

  async function applyAndExpect(config: object, line: string): Promise<void> {
    const items = itemsOf(config);
    const { plan, applied } = await configure(server.vault, items);
    expect(linesOf(plan)).toContain(line);
    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, items))).toEqual([]);
  }

  const role = (vhosts: object, vhost_topics: object) => ({
    secrets: { rabbitmq: { type: "rabbitmq", roles: { worker: { vhosts, vhost_topics } } } },
  });
  const jobs = { read: ".*", write: "", configure: "" };
  const returned = { configure: "", read: ".*", write: "" };

  it("is removed from a RabbitMQ role", async () => {
    const before = role(
      { "/": { read: ".*" }, shop: { configure: ".*" } },
      { "/": { a: { read: "x" }, b: { read: "x" } }, shop: { a: { write: "x" } } },
    );

    await applyAndExpect(before, "create rabbitmq/roles/worker: vhosts, vhost_topics");
    await applyAndExpect(
      role({ "/": jobs }, { "/": { a: { read: "x" } } }),
      "update rabbitmq/roles/worker: vhosts, vhost_topics",
    );

    expect(await read("rabbitmq/roles/worker")).toMatchObject({
      vhosts: { "/": returned },
      vhost_topics: { "/": { a: { read: "x", write: "" } } },
    });
  });

  it("is removed from a RabbitMQ role that was changed outside of the configuration", async () => {
    await server.vault.write("rabbitmq/roles/worker", {
      vhosts: JSON.stringify({ "/": { read: ".*", configure: ".*" }, other: { read: ".*" } }),
    });

    await applyAndExpect(role({ "/": jobs }, {}), "update rabbitmq/roles/worker: vhosts");

    expect(await read("rabbitmq/roles/worker")).toMatchObject({ vhosts: { "/": returned } });
  });

  it("is removed from an audit device, which then no longer logs raw values; undeclared fields are kept", async () => {
    const device = (options: object, rest: object = {}) => ({ audit: { file: { type: "file", ...rest, options } } });
    const path = { file_path: server.auditFile };

    await applyAndExpect(
      device({ ...path, log_raw: "true" }, { description: "all" }),
      "create sys/audit/file: type, description, options",
    );
    await applyAndExpect(device(path), "update sys/audit/file: options");

    expect(await read("sys/audit")).toMatchObject({ "file/": { description: "all", options: path } });
    expect(JSON.stringify(await read("sys/audit"))).not.toContain("log_raw");
  });
});
