import { styleText } from "node:util";
import type { FieldChange } from "../kinds/model/compare.ts";
import type { Change } from "../kinds/model/kind.ts";
import type { Source } from "../kinds/model/secret-reference.ts";
import type { Uncompared } from "../plan-apply/plan.ts";
import type { Trouble } from "../plan-apply/troubles.ts";
import type { ObjectWarnings } from "../plan-apply/warnings.ts";
import { redactIn } from "../redact.ts";
import { appliedCounts, planCounts } from "./counts.ts";
import { diffLines } from "./line-diff.ts";
import { allFailuresOf, allTroublesOf, removalsOf, removedBy, type VaultApplied, type VaultPlan } from "./peers.ts";

const styles = { create: "green", update: "yellow", bad: "red", dim: "dim" } as const;
type Paint = (tone: keyof typeof styles, text: string) => string;

// our own setting decides on colour, not the stream that styleText would look at
const inColor: Paint = (tone, text) => styleText(styles[tone], text, { validateStream: false });
const plain: Paint = (_tone, text) => text;

/** A plan as text for people. A plan has no values of secret fields, so none can show. */
export function renderPlan(plan: VaultPlan, color: boolean): string {
  const paint = color ? inColor : plain;
  const lines = [
    ...plan.changes.flatMap((change) => changeLines(change, paint)),
    ...removalsOf(plan).map(({ kind, path }) => paint("bad", `- ${kind} ${path}`)),
    ...allTroublesOf(plan).flatMap((each) => troubleLines(each, paint)),
    ...plan.blocked.map(({ item, by }) => paint("dim", `. ${item.kind.name} ${item.path} waits for ${by}`)),
    ...plan.leftOver.map(({ kind, path }) => paint("dim", `* ${kind} ${path} is left over: Git no longer declares it`)),
    ...plan.uncompared.flatMap((each) => uncomparedLines(each, paint)),
    ...warningLines(plan.warnings, paint),
    planCounts(plan),
  ];
  return `${lines.join("\n")}\n`;
}

/** The outcome of a run as text for people: each failure and what to do about it, then the counts. */
export function renderApplied(applied: VaultApplied, color: boolean): string {
  const paint = color ? inColor : plain;
  const lines = [
    ...allFailuresOf(applied).flatMap((each) => troubleLines(each, paint)),
    ...applied.blocked.map(({ item, by }) => paint("dim", `. ${item.kind.name} ${item.path} waits for ${by}`)),
    ...warningLines(applied.warnings, paint),
    appliedCounts(applied),
  ];
  return `${lines.join("\n")}\n`;
}

/** A plan as one line of JSON, for programs. Its format is documented in docs/plan.md and does not change without notice. */
export function planJson(plan: VaultPlan): string {
  return `${JSON.stringify({
    plan: {
      changes: plan.changes.map(({ op, item, fields }) => ({
        ...{ op, kind: item.kind.name, path: item.path },
        fields: fields.map(redactValues),
      })),
      removals: removalsOf(plan),
      troubles: allTroublesOf(plan).map(troubleJson),
      blocked: plan.blocked.map(({ item, by }) => ({ kind: item.kind.name, path: item.path, by })),
      unchanged: plan.unchanged,
      uncompared: plan.uncompared.map(({ item, fields }) => ({ kind: item.kind.name, path: item.path, fields })),
      warnings: plan.warnings.map(warningsJson),
      leftOver: plan.leftOver,
    },
  })}\n`;
}

/** The outcome of a run as one line of JSON; see docs/plan.md. */
export function appliedJson(applied: VaultApplied): string {
  return `${JSON.stringify({
    applied: {
      done: applied.done.map(({ op, item }) => ({ op, kind: item.kind.name, path: item.path })),
      removed: removedBy(applied),
      failed: allFailuresOf(applied).map(troubleJson),
      blocked: applied.blocked.map(({ item, by }) => ({ kind: item.kind.name, path: item.path, by })),
      warnings: applied.warnings.map(warningsJson),
    },
  })}\n`;
}

function troubleJson({ kind, path, error }: Trouble) {
  return {
    kind,
    path,
    exitCode: error.exitCode,
    error: error.message,
    todo: error.todo ?? null,
  };
}

function warningsJson({ item, texts }: ObjectWarnings) {
  return { kind: item.kind.name, path: item.path, warnings: texts };
}

/** A value that people may see can be the same as a secret of another object. */
function redactValues(change: FieldChange): FieldChange {
  const values = Object.entries({ before: change.before, after: change.after });
  const shown = values.flatMap(([name, value]) => (value === undefined ? [] : [[name, redactIn(value)] as const]));
  return { ...change, ...Object.fromEntries(shown) };
}

function changeLines({ op, item, fields }: Change, paint: Paint): string[] {
  const head = `${op === "create" ? "+" : "~"} ${item.kind.name} ${item.path}`;
  return [paint(op, head), ...fields.map(redactValues).flatMap((field) => fieldLines(op, field, paint))];
}

function fieldLines(op: Change["op"], change: FieldChange, paint: Paint): string[] {
  const { field, secret, note, from = [], before, after } = change;
  if (secret)
    return [`    ${field}: ${paint("dim", `(${[note ?? "differs", ...from.map(sourceText)].join(", ")}, not shown)`)}`];
  if (isLong(before) || isLong(after)) return [`    ${field}:`, ...textLines(before, after, paint)];
  if (op === "create" || before === undefined) return [`    ${field}: ${show(after)}`];
  const suffix = note === undefined ? "" : paint("bad", ` (${note})`);
  return [`    ${field}: ${paint("bad", show(before))} -> ${paint("create", show(after))}${suffix}`];
}

/** "from Secret db, key password" */
function sourceText({ secret, key }: Source): string {
  return `from Secret ${secret}, key ${key}`;
}

function uncomparedLines({ item, fields }: Uncompared, paint: Paint): string[] {
  return fields.map(({ field, from }) => {
    const text = `? ${item.kind.name} ${item.path}: ${field} is not compared: ${from.map(sourceText).join(", ")}, which this run may not read`;
    return paint("update", text);
  });
}

function isLong(value: unknown): value is string {
  return typeof value === "string" && value.includes("\n");
}

const signs = {
  removed: { sign: "-", tone: "bad" },
  added: { sign: "+", tone: "create" },
  unchanged: { sign: " ", tone: "dim" },
  "...": { sign: " ", tone: "dim" },
} as const;

function textLines(before: unknown, after: unknown, paint: Paint): string[] {
  return diffLines(textOf(before), textOf(after)).map(({ is, line }) => {
    const { sign, tone } = signs[is];
    return paint(tone, `      ${sign} ${visible(line)}`);
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function show(value: unknown): string {
  if (value === undefined || value === "") return '""';
  return typeof value === "string" ? visible(value) : JSON.stringify(value);
}

/** A terminal must not interpret the value as commands, because anyone may have written it in Vault. */
function visible(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function troubleLines({ kind, path, error }: Trouble, paint: Paint): string[] {
  const todo = error.todo === undefined ? [] : [`    ${error.todo}`];
  const subject = `${kind} ${path}: `;
  // most messages begin with the object's name, since they also appear alone
  const reason = error.message.startsWith(subject) ? error.message.slice(subject.length) : error.message;
  return [paint("bad", `! ${subject}${visible(reason)}`), ...todo];
}

function warningLines(warnings: readonly ObjectWarnings[], paint: Paint): string[] {
  return warnings.flatMap(({ item, texts }) =>
    texts.map((text) => paint("update", `? ${item.kind.name} ${item.path}: Vault warns: ${visible(text)}`)),
  );
}
