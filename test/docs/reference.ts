import { partFromSecret } from "../../src/kinds/model/from-secret.ts";
import { type Field, isField, type ObjectSpec, type Spec } from "../../src/kinds/model/spec.ts";
import { objectOf, type Topic, topicsOf } from "./topics.ts";

/** An example of docs/examples: its file name, its text, and the parsed text. */
export type Example = { readonly name: string; readonly text: string; readonly configuration: unknown };

/** Renders all fields of a configuration as Markdown, with an example for each topic that has one. Pure. */
export function renderReference(root: ObjectSpec, examples: readonly Example[]): string {
  const topics = topicsOf(root);
  const chosen = topics.map((topic) => exampleOf(topic, topics, examples));
  const parts = topics.map((topic, n) => topicText(topic, exampleText(chosen[n], chosen.indexOf(chosen[n]) < n)));
  return [contents(topics), ...parts].join("\n\n");
}

/** The example whose name shares most words with the topic's title; else the one that covers the fewest topics. */
function exampleOf(topic: Topic, topics: readonly Topic[], examples: readonly Example[]): Example | undefined {
  const words = topic.title.split(/\W+/);
  const named = ({ name }: Example) => words.filter((word) => name.split(/\W+/).includes(word)).length;
  const breadth = ({ configuration }: Example) => topics.filter(({ isIn }) => isIn(configuration)).length;
  return examples
    .filter(({ configuration }) => topic.isIn(configuration))
    .sort((a, b) => named(b) - named(a) || breadth(a) - breadth(b) || (a.name < b.name ? -1 : 1))[0];
}

function contents(topics: readonly Topic[]): string {
  return topics
    .map(({ level, title, describe }) => `${level === 2 ? "" : "  "}- [${title}](#${anchor(title)}): ${cell(describe)}`)
    .join("\n");
}

/** The anchor that GitHub generates for a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}

function topicText({ level, title, describe, path, spec }: Topic, example: readonly string[]): string {
  const head = `${"#".repeat(level)} ${title}\n\n${sentence(describe)}`;
  return [head, ...objectTexts(spec, path), ...example].join("\n\n");
}

/** @param isRepeated whether the page already shows the example */
function exampleText(example: Example | undefined, isRepeated: boolean): string[] {
  if (example === undefined) return [];
  const link = `[${example.name}](examples/${example.name})`;
  if (isRepeated) return [`Example: ${link}, as above.`];
  const text = example.text.replace(/^# yaml-language-server:.*\n/, "").trimEnd();
  return [`Example (${link}):\n\n\`\`\`yaml\n${text}\n\`\`\``];
}

/** A table of the object's fields, and one for each nested object. */
function objectTexts(spec: Spec, path: readonly string[]): string[] {
  const found = objectOf(spec, path);
  const where = `\`${found.path.join(".")}\``;
  if (isField(found.spec)) return [`${where}: ${notes(found.spec)}`];
  if (found.spec.type === "tagged") {
    const { key, tagged, other, describe } = found.spec;
    const inner = tagged.fields[key];
    const rule = inner === undefined ? [] : objectTexts(inner, [...found.path, key]);
    return [`${where}: ${describe}: ${other.describe}, or \`${key}\`.`, ...rule];
  }
  if (found.spec.type !== "object") return [];
  return objectTable(found.spec, found.path, where);
}

function objectTable(spec: ObjectSpec, path: readonly string[], where: string): string[] {
  const entries = Object.entries(spec.fields);
  if (entries.length === 0) return [];
  const rows = entries.map(([name, inner]) => row(spec, path, name, inner));
  const oneOf = spec.oneOf === undefined ? "" : ` Exactly one of ${codes(spec.oneOf)}.`;
  const someOf = (spec.someOf ?? []).map((group) => ` At least one of ${codes(group)}.`).join("");
  const table = ["| field | type | | |", "| --- | --- | --- | --- |", ...rows].join("\n");
  const inside = entries.filter(([, inner]) => !isField(inner));
  return [
    `${where}:${oneOf}${someOf}\n\n${table}`,
    ...inside.flatMap(([name, inner]) => objectTexts(inner, [...path, name])),
  ];
}

function row(spec: ObjectSpec, path: readonly string[], name: string, inner: Spec): string {
  const older = Object.entries(spec.aliases ?? {}).flatMap(([alias, of]) => (of === name ? [alias] : []));
  const also = older.length === 0 ? [] : [`older name: ${codes(older)}`];
  if (!isField(inner)) {
    const { path: place } = objectOf(inner, [...path, name]);
    return `| \`${name}\` | map | ${also.join("; ")} | ${cell(inner.describe)}: \`${place.join(".")}\` |`;
  }
  const properties = [notes(inner), ...also].filter((each) => each !== "").join("; ");
  return `| \`${name}\` | ${inner.type.shape} | ${properties} | ${cell(inner.describe)} |`;
}

function notes(field: Field): string {
  const { required, createOnly, writeOnly, secret, type } = field;
  const { values, min, max, ending } = type.limits ?? {};
  return [
    ...(required ? ["**required**"] : []),
    ...(createOnly ? ["create-only"] : []),
    ...(writeOnly ? ["write-only"] : []),
    ...(secret ? ["secret"] : []),
    ...fromSecret(field),
    ...(values === undefined ? [] : [`one of ${codes(values)}`]),
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(ending === undefined ? [] : [`ends in \`${ending}\``]),
  ].join("; ");
}

function fromSecret(field: Field): string[] {
  const part = partFromSecret(field);
  if (part === undefined) return [];
  return [part === "whole" ? "`secretKeyRef`" : "`secretKeyRef` in its values"];
}

function codes(texts: readonly string[]): string {
  return texts.map((text) => `\`${text === "" ? '""' : text}\``).join(", ");
}

function cell(text: string): string {
  return text
    .replaceAll("|", "\\|")
    .replaceAll("\n", " ")
    .replace(/[<>]/g, (character) => `\\${character}`);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${cell(text).slice(1)}.`;
}
