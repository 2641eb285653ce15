import { describe, expect, it } from "vitest";
import { relativeToNamespace } from "../../../../src/kinds/system/namespaces.ts";
import { desiredOf } from "../../desired/desired.ts";

const text = `
auth: { people: { type: userpass, users: { ann: { password: some-password } } } }
namespaces:
  a: {}
  a/b:
    auth: { people: { type: userpass, users: { ann: { password: some-password } } } }
`;
const { items } = desiredOf({ "a.yaml": text });

describe("relativeToNamespace", () => {
  it.each([
    ["in a mount", "a/b/auth/people/users/ann", { path: "auth/people/users/ann", within: "sys/auth/people" }],
    ["in the namespace itself", "a/b/sys/auth/people", { path: "sys/auth/people" }],
    ["in the root namespace", "auth/people/users/ann", { path: "auth/people/users/ann", within: "sys/auth/people" }],
    ["that is a namespace", "a/sys/namespaces/b", { path: "a/sys/namespaces/b", within: "sys/namespaces/a" }],
  ])("returns the relative paths of an object %s", (_, path, expected) => {
    const item = items.find((each) => each.path === path);

    const { path: seen, within } = relativeToNamespace(
      item ?? expect.fail(`no ${path} among ${items.map((each) => each.path)}`),
    );

    expect({ path: seen, within }).toEqual({ within: undefined, ...expected });
  });
});
