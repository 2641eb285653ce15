import { isDeepStrictEqual } from "node:util";
import { parseDuration } from "../../util/duration.ts";
import type { Field } from "./spec.ts";

export type Values = Readonly<Record<string, unknown>>;
export type Fields = Readonly<Record<string, Field>>;

/** One field that differs. A secret one shows neither value. */
export type FieldChange = {
  readonly field: string;
  readonly secret?: true;
  /** It differs from what was written last, as the ledger knows; Vault never tells it. */
  readonly writeOnly?: true;
  /** What will happen, where the values must not show: "generated", "differs"; or what they do not tell: "cannot be undone". */
  readonly note?: string;
  readonly before?: unknown;
  readonly after?: unknown;
};

/**
 * The managed fields that differ: those that `desired` has. What Vault adds to its answers (times, ids, defaults) does
 * not count, nor do two ways to write one value: 24h and 86400, "a,b" and [b, a], "5" and 5.
 */
export function differences(fields: Fields, desired: Values, live: Values): FieldChange[] {
  return Object.entries(desired).flatMap(([name, value]) => {
    const field = fields[name];
    if (field === undefined || field.writeOnly || isDeepStrictEqual(live[name], value)) return [];
    const after = normalise(field, value);
    const before = normalise(field, live[name]);
    if (isDeepStrictEqual(after, managed(field, before, after))) return [];
    return [field.secret ? { field: name, secret: true, note: "differs" } : { field: name, before, after }];
  });
}

/** How a new object shows: every field as it will be. */
export function additions(fields: Fields, desired: Values): FieldChange[] {
  return Object.entries(desired).map(([name, value]) => {
    const field = fields[name];
    if (field?.secret || field?.writeOnly) return { field: name, secret: true, note: "set" };
    return { field: name, after: field === undefined ? value : normalise(field, value) };
  });
}

function managed(field: Field, before: unknown, after: unknown): unknown {
  if (after === 0 && field.zeroIs?.includes(Number(before))) return after;
  return field.partial ? onlyKnown(before, after) : before;
}

/** How two values of a field are told where one stands in the way of the other. */
export function showBoth({ field, before, after }: FieldChange): string {
  const show = (value: unknown) => JSON.stringify(value) ?? "not set";
  return `${field} is ${show(before)} in Vault and ${show(after)} in the configuration`;
}

/** What `wanted` has of it, also in maps within. */
function onlyKnown(value: unknown, wanted: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(wanted)) return value.map((each, i) => onlyKnown(each, wanted[i]));
  if (!isMap(value) || !isMap(wanted)) return value;
  const known = Object.entries(value).filter(([key]) => Object.hasOwn(wanted, key));
  return Object.fromEntries(known.map(([key, each]) => [key, onlyKnown(each, wanted[key])]));
}

export function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One form for all ways to write one value. */
export function normalise(field: Field, value: unknown): unknown {
  switch (field.type) {
    case "string":
      return text(field, value);
    case "int":
      return value === undefined || value === null ? undefined : Number(value);
    case "bool":
      return value === true || value === "true";
    case "duration":
      return seconds(field, value);
    case "list":
      return elements(field, value);
    case "map":
      return entries(value);
    case "json":
      if (field.numbers) return numberLists(value);
      return withoutEmpty(field, field.asText ? parsed(value) : value);
  }
}

const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

function text(field: Field, value: unknown): string {
  const plain = value === undefined || value === null ? "" : String(value);
  if (field.syntax === "policy") return normalisePolicy(plain);
  const meant = field.base64 && base64.test(plain.trim()) ? Buffer.from(plain, "base64").toString() : plain;
  const trimmed = field.slash ? meant.trim().replace(/\/$/, "") : meant.trim();
  return field.lower ? trimmed.toLowerCase() : trimmed;
}

function seconds(field: Field, value: unknown): number | string {
  if (value === undefined || value === null || value === "") return 0;
  if (typeof value === "number") return value;
  const ms = parseDuration(String(value));
  if (ms === undefined) return String(value);
  // what is below a second Vault drops
  return field.fraction ? ms / 1000 : Math.trunc(ms / 1000);
}

/** What a JSON text says; any other text stays one. */
function parsed(value: unknown): unknown {
  if (value === undefined || value === "") return null;
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value.trim();
  }
}

function withoutEmpty(field: Field, value: unknown): unknown {
  if (!field.emptyIsNone) return value;
  if (!isMap(value)) return value ?? {};
  const given = Object.entries(value).filter(([, each]) => each !== "");
  return Object.fromEntries(given.map(([key, each]) => [key, withoutEmpty(field, each)]));
}

function numberLists(value: unknown): unknown {
  if (!isMap(value)) return value;
  const list = (each: unknown) => (Array.isArray(each) ? each : String(each).split(",")).map(Number);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, list(each)]));
}

function elements(field: Field, value: unknown): string[] {
  if (value === undefined || value === null || value === "") return [];
  if (field.ordered) return (Array.isArray(value) ? value : [value]).map((each) => String(each).trim());
  const parts = Array.isArray(value) ? value.map(String) : String(value).split(",");
  const plain = parts.map((part) => part.trim()).filter((part) => part !== "");
  return [...new Set(plain.map((part) => element(field, part)))].sort();
}

function element(field: Field, part: string): string {
  if (field.cidr) return network(part);
  return field.lower ? part.toLowerCase() : part;
}

/** An address of IPv6 in its shortest form; a network of one as its address. */
function network(text: string): string {
  const [address = "", ...bits] = text.split("/");
  const host = `http://[${address}]`;
  const plain = URL.canParse(host) ? new URL(host).hostname.slice(1, -1) : address;
  const isOne = bits.join() === (plain.includes(":") ? "128" : "32");
  return isOne ? plain : [plain, ...bits].join("/");
}

function entries(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, entry]) => [key, String(entry)]));
}

/** A policy's text without what does not count: indentation, trailing space, empty lines, runs of blanks outside of quotes. */
export function normalisePolicy(policy: string): string {
  return policy
    .split(/\r?\n/)
    .map((line) => squeeze(line).trim())
    .filter((line) => line !== "")
    .join("\n");
}

function squeeze(line: string): string {
  const parts = line.split(/("(?:\\.|[^"\\])*")/);
  return parts.map((part, i) => (i % 2 === 1 ? part : part.replace(/[ \t]+/g, " "))).join("");
}
