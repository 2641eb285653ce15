import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { bool, duration, list, named, object, string } from "../../src/kinds/model/spec.ts";
import { referenceFile, withReference } from "../docs/files.ts";
import { type Example, renderReference } from "../docs/reference.ts";

test("docs/configuration.md matches the kinds in the code (update it with `npm run reference`)", async () => {
  const page = await readFile(referenceFile, "utf8");

  expect(page).toBe(await withReference(page));
});

const role = object(
  "one role",
  {
    name: string("a name", { required: true, createOnly: true }),
    password: string("the password", { writeOnly: true }),
    mode: string("slow | fast", { values: ["", "fast"] }),
    ttl: duration("lifetime of a token"),
  },
  { aliases: { lease: "ttl" } },
);
const mount = (type: string, parts: Parameters<typeof object>[1]) =>
  object(`the ${type} thing`, { type: string("its type", { required: true }), local: bool("here"), ...parts });
const root = object("all", {
  policies: named("policy", "rules by name", object("one", { names: list("them") })),
  auth: named("auth method", "methods by path", {
    type: "variant",
    describe: "one method",
    of: { a: mount("a", { roles: named("role", "roles by name", role) }), b: mount("b", {}) },
  }),
});
const example = (name: string, configuration: unknown): Example => ({ name, text: `text of ${name}`, configuration });

describe("the reference", () => {
  test("lists each field with its type, properties and aliases", () => {
    const text = renderReference(root, []);

    expect(text).toContain("`auth.AUTH-METHOD.roles.ROLE`:");
    expect(text).toContain("| `name` | string | **required**; create-only | a name |");
    expect(text).toContain("| `password` | string | write-only; `secretKeyRef` | the password |");
    expect(text).toContain('| `mode` | string | one of `""`, `fast` | slow \\| fast |');
    expect(text).toContain("| `ttl` | duration | older name: `lease` | lifetime of a token |");
  });

  test("describes the common fields of all mount types once", () => {
    const text = renderReference(root, []);

    expect(text.match(/\| `local` \|/g)).toHaveLength(1);
    expect(text).toContain("### auth: b\n\nThe b thing.");
  });

  test("has a table of contents with a link to every heading", () => {
    const text = renderReference(root, []);

    expect(text).toContain("  - [auth: a](#auth-a): the a thing");
    expect(text.match(/^#+ /gm)).toHaveLength(text.match(/^ *- \[/gm)?.length ?? 0);
  });

  test("shows the example that covers the fewest other topics under each heading", () => {
    const all = { policies: { p: {} }, auth: { x: { type: "a" }, y: { type: "b" } } };
    const examples = [example("all.yaml", all), example("b.yaml", { auth: { y: { type: "b" } } })];

    const text = renderReference(root, examples);

    const [, ofB = ""] = text.split("### auth: b");
    expect(ofB).toContain("```yaml\ntext of b.yaml\n```");
    expect(ofB).not.toContain("all.yaml");
    expect(text.split("text of all.yaml")).toHaveLength(2);
    expect(text).toContain("Example: [all.yaml](examples/all.yaml), as above.");
  });
});
