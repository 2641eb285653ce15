import { expect, it } from "vitest";
import { predecessors } from "../../../../../src/kinds/order.ts";
import { desiredOf } from "../../../desired/desired.ts";

it("a database connection is written after its plugin's catalog entry", () => {
  const yaml = `
plugins:
  database: { example-database: { sha256: "00", command: example } }
secrets:
  db: { type: database, connections: { c: { plugin_name: example-database, rotate_root: true } } }
`;

  const { items } = desiredOf({ "a.yaml": yaml });

  const connection = items.find(({ path }) => path === "db/config/c");
  const paths = items.map(({ path }) => path);
  expect(connection && predecessors(connection).filter((path) => paths.includes(path))).toEqual(
    expect.arrayContaining(["sys/mounts/db", "sys/plugins/catalog/database/example-database"]),
  );
});
