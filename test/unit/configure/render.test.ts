import { describe, expect, it } from "vitest";
import { appliedJson, planJson, renderApplied, renderPlan } from "../../../src/configure/render.ts";
import { DeniedError, RefusedError } from "../../../src/errors.ts";
import type { Item } from "../../../src/kinds/model/kind.ts";
import { policyKind } from "../../../src/kinds/system/policy.ts";
import type { Plan } from "../../../src/plan-apply/plan.ts";
import { plan } from "../../../src/plan-apply/plan.ts";
import { planPeers } from "../../../src/raft/plan.ts";
import { desiredOf } from "../desired/desired.ts";
import { scaledDown } from "../raft/states.ts";

function item(path: string): Item {
  return { kind: policyKind, path, desired: {}, at: { file: "a.yaml", line: 1, column: 1 } };
}

const denied = new DeniedError("read d: Vault answered 403: permission denied", { todo: "Grant it." });
const sample: Plan = {
  changes: [
    {
      op: "create",
      item: item("a"),
      live: undefined,
      fields: [
        { field: "ttl", after: 3600 },
        { field: "names", after: ["x", "y"] },
        { field: "password", secret: true, note: "generated" },
        { field: "description", after: "" },
      ],
    },
    {
      op: "update",
      item: item("b"),
      live: {},
      fields: [
        { field: "ttl", before: 60, after: 3600 },
        { field: "audience", before: "", after: "vault" },
        { field: "policy", before: "one\ntwo\nthree", after: "one\n2\nthree\nfour" },
        { field: "key", secret: true, note: "differs" },
      ],
    },
  ],
  refusals: [{ item: item("c"), reason: "policy c: type is kv", todo: "Decide." }],
  unreadable: [{ item: item("d"), error: denied }],
  blocked: [{ item: item("e"), by: "d" }],
  unchanged: 7,
  uncompared: [],
  warnings: [{ item: item("b"), texts: ["TTL is too long", "a second one"] }],
  leftOver: [{ kind: "policy", path: "old", created: true }],
};

describe("renderPlan", () => {
  it("shows each object, each field before and after, the troubles and the counts", () => {
    expect(renderPlan(sample, false)).toBe(
      [
        "+ policy a",
        "    ttl: 3600",
        '    names: ["x","y"]',
        "    password: (generated, not shown)",
        '    description: ""',
        "~ policy b",
        "    ttl: 60 -> 3600",
        '    audience: "" -> vault',
        "    policy:",
        "        one",
        "      - two",
        "      + 2",
        "        three",
        "      + four",
        "    key: (differs, not shown)",
        "! policy c: type is kv",
        "    Decide.",
        "! policy d: read d: Vault answered 403: permission denied",
        "    Grant it.",
        ". policy e waits for d",
        "* policy old is left over: Git no longer declares it",
        "? policy b: Vault warns: TTL is too long",
        "? policy b: Vault warns: a second one",
        "Plan: 1 to create, 1 to update, 7 unchanged, 3 that cannot be done, left over: 1.",
        "",
      ].join("\n"),
    );
  });

  it("shows an empty plan in one line", () => {
    const nothing: Plan = {
      changes: [],
      refusals: [],
      unreadable: [],
      blocked: [],
      unchanged: 3,
      uncompared: [],
      warnings: [],
      leftOver: [],
    };

    expect(renderPlan(nothing, true)).toBe("Plan: 0 to create, 0 to update, 3 unchanged.\n");
  });

  it("uses colour only on request, and the text is the same without it", () => {
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
    const coloured = renderPlan(sample, true);

    expect(renderPlan(sample, false)).not.toMatch(escapes);
    expect(coloured).toMatch(escapes);
    expect(coloured.replaceAll(escapes, "")).toBe(renderPlan(sample, false));
  });

  it.each([
    {
      change: "a line moves to another block",
      before: ["a {", "read", "}", "b {", "}"],
      after: ["a {", "}", "b {", "read", "}"],
      shown: ["  a {", "- read", "  }", "  b {", "+ read", "  }"],
    },
    {
      change: "two blocks swap their values",
      before: ["a {", "read", "}", "b {", "deny", "}"],
      after: ["a {", "deny", "}", "b {", "read", "}"],
      shown: ["  a {", "- read", "+ deny", "  }", "  b {", "- deny", "+ read", "  }"],
    },
    {
      change: "the first and the last line change",
      before: ["one", "2", "3", "4", "5", "six"],
      after: ["1", "2", "3", "4", "5", "6"],
      shown: ["- one", "+ 1", "  2", "  ...", "  5", "- six", "+ 6"],
    },
  ])("shows added and removed lines in their place when $change", ({ before, after, shown }) => {
    const fields = [{ field: "policy", before: before.join("\n"), after: after.join("\n") }];
    const wanted: Plan = { ...sample, changes: [{ op: "update", item: item("a"), live: {}, fields }] };

    const lines = renderPlan(wanted, false).split("\n");

    expect(lines.filter((line) => line.startsWith("      ")).map((line) => line.slice(6))).toEqual(shown);
  });

  it("shows two texts of 16,000 lines that all differ", () => {
    const text = (word: string) => Array.from({ length: 16_000 }, (_, i) => `${word} ${i}`).join("\n");
    const fields = [{ field: "policy", before: text("old"), after: text("new") }];
    const wanted: Plan = { ...sample, changes: [{ op: "update", item: item("a"), live: {}, fields }] };

    const shown = renderPlan(wanted, false);

    expect(shown).toContain("- old 15999\n      + new 0\n");
  }, 60_000);

  it("escapes control characters from Vault, which a terminal would obey", () => {
    const esc = String.fromCharCode(27);
    const fields = [
      { field: "description", before: `${esc}[2J\u009b2J\u007f`, after: "x" },
      { field: "policy", before: `a\n${esc}[2J`, after: "b" },
    ];
    const hostile: Plan = { ...sample, changes: [{ op: "update", item: item("a"), live: {}, fields }] };

    expect(renderPlan(hostile, false)).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(renderPlan(hostile, false)).toContain("description: \\u001b[2J\\u009b2J\\u007f -> x");
  });
});

describe("a password that is a word of the plan", () => {
  it("is replaced in the plan's values, and the plan's own words stay", () => {
    const words = ["changes", "create", "policy", "unchanged", "description", "audience", "exitCode", "update"];
    const fields = [{ field: "description", before: "to update", after: { policy: ["create"] } }];
    const changed: Plan = { ...sample, changes: [{ op: "update", item: item("a"), live: {}, fields }] };
    const [json, text] = [planJson(sample), renderPlan(sample, false)];

    desiredOf({
      "a.yaml": JSON.stringify({
        auth: { u: { type: "userpass", users: Object.fromEntries(words.map((password) => [password, { password }])) } },
      }),
    });

    expect(planJson(sample)).toBe(json);
    expect(renderPlan(sample, false)).toBe(text);
    expect(JSON.parse(planJson(changed)).plan.changes[0].fields).toEqual([
      { field: "description", before: "to [redacted]", after: { policy: ["[redacted]"] } },
    ]);
    expect(renderPlan(changed, false)).toContain('    description: to [redacted] -> {"policy":["[redacted]"]}');
  });

  it("is replaced in the values of a refusal", () => {
    const { items } = desiredOf({
      "a.yaml":
        "auth: { u: { type: userpass, users: { u: { password: planted-refused } } } }\n" +
        "secrets: { t: { type: transit, keys: { k: { type: rsa-2048 } } } }\n",
    });
    const live = new Map([["t/keys/k", { live: { type: "planted-refused" } }]]);

    expect(plan(items, live).refusals[0]?.reason).toContain('type is "[redacted]" in Vault');
  });
});

describe("planJson", () => {
  it("returns the format of docs/plan.md, on one line", () => {
    expect(planJson(sample)).toBe(
      `${JSON.stringify({
        plan: {
          changes: [
            {
              op: "create",
              kind: "policy",
              path: "a",
              fields: [
                { field: "ttl", after: 3600 },
                { field: "names", after: ["x", "y"] },
                { field: "password", secret: true, note: "generated" },
                { field: "description", after: "" },
              ],
            },
            {
              op: "update",
              kind: "policy",
              path: "b",
              fields: [
                { field: "ttl", before: 60, after: 3600 },
                { field: "audience", before: "", after: "vault" },
                { field: "policy", before: "one\ntwo\nthree", after: "one\n2\nthree\nfour" },
                { field: "key", secret: true, note: "differs" },
              ],
            },
          ],
          removals: [],
          troubles: [
            { kind: "policy", path: "c", exitCode: 4, error: "policy c: type is kv", todo: "Decide." },
            { kind: "policy", path: "d", exitCode: 5, error: denied.message, todo: "Grant it." },
          ],
          blocked: [{ kind: "policy", path: "e", by: "d" }],
          unchanged: 7,
          uncompared: [],
          warnings: [{ kind: "policy", path: "b", warnings: ["TTL is too long", "a second one"] }],
          leftOver: [{ kind: "policy", path: "old", created: true }],
        },
      })}\n`,
    );
  });

  it("contains no secret value, nor does renderPlan", () => {
    const { items } = desiredOf({
      "a.yaml":
        "auth: { k: { type: kubernetes, config: { kubernetes_host: h, token_reviewer_jwt: planted-secret-1 } } }\n" +
        "secrets: { kv: { type: kv, values: { a: { p: planted-secret-2, q: { r: planted-secret-3 } } } } }\n",
    });

    const planned = plan(items, new Map());
    const shown = planJson(planned) + renderPlan(planned, true);

    expect(planned.changes).toHaveLength(4);
    expect(shown).not.toContain("planted-secret");
    expect(shown).toContain("token_reviewer_jwt");
  });
});

describe("the outcome of a run", () => {
  const applied = {
    done: sample.changes,
    failed: [{ item: item("f"), error: denied }],
    blocked: [{ item: item("g"), by: "f" }],
    warnings: [{ item: item("a"), texts: ["an unknown parameter"] }],
  };

  it("follows docs/plan.md as JSON", () => {
    expect(JSON.parse(appliedJson(applied))).toEqual({
      applied: {
        done: [
          { op: "create", kind: "policy", path: "a" },
          { op: "update", kind: "policy", path: "b" },
        ],
        removed: [],
        failed: [{ kind: "policy", path: "f", exitCode: 5, error: denied.message, todo: "Grant it." }],
        blocked: [{ kind: "policy", path: "g", by: "f" }],
        warnings: [{ kind: "policy", path: "a", warnings: ["an unknown parameter"] }],
      },
    });
  });

  it("shows a person each failure and what to do about it", () => {
    expect(renderApplied(applied, false)).toBe(
      [
        "! policy f: read d: Vault answered 403: permission denied",
        "    Grant it.",
        ". policy g waits for f",
        "? policy a: Vault warns: an unknown parameter",
        "Applied: 2 done, 1 failed, 1 waiting for those.",
        "",
      ].join("\n"),
    );
  });
});

describe("dead Raft peers", () => {
  const refused = new RefusedError("Raft peer vault-1: not removed: it is a member", { todo: "Undeclare it." });
  const empty: Plan = {
    ...{ changes: [], refusals: [], unreadable: [], blocked: [], unchanged: 3 },
    ...{ uncompared: [], warnings: [], leftOver: [] },
  };
  const peers = planPeers(scaledDown(5, 3), ["vault-3", "vault-4"]);
  const planned = { ...empty, peers: { ...peers, troubles: [{ peer: "vault-1", error: refused }] } };
  const removal = { removed: ["vault-3"], failed: { peer: "vault-4", error: refused } };
  const applied = { done: [], failed: [], blocked: [], warnings: [], removal };

  it("show in a plan as removals, and as a trouble if they must stay", () => {
    expect(renderPlan(planned, false)).toBe(
      [
        "- Raft peer vault-3",
        "- Raft peer vault-4",
        "! Raft peer vault-1: not removed: it is a member",
        "    Undeclare it.",
        "Plan: 0 to create, 0 to update, 2 to remove, 3 unchanged, 1 that cannot be done.",
        "",
      ].join("\n"),
    );
    expect(JSON.parse(planJson(planned)).plan).toMatchObject({
      removals: [
        { kind: "Raft peer", path: "vault-3" },
        { kind: "Raft peer", path: "vault-4" },
      ],
      troubles: [{ kind: "Raft peer", path: "vault-1", exitCode: 4 }],
    });
  });

  it("show in the outcome as removed or failed", () => {
    expect(renderApplied(applied, false)).toMatch(/^! Raft peer vault-4: .*\n.*\nApplied: 1 done, 1 failed, 0 waiting/);
    expect(JSON.parse(appliedJson(applied)).applied).toMatchObject({
      removed: [{ kind: "Raft peer", path: "vault-3" }],
      failed: [{ kind: "Raft peer", path: "vault-4", exitCode: 4 }],
    });
  });
});
