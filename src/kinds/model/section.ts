import { memoize } from "../../util/memoize.ts";
import { plural } from "../../util/plural.ts";
import { type Endpoint, endpointKind } from "./endpoint.ts";
import type { ReferenceKind } from "./fields/field.ts";
import type { Item, Kind, Origin } from "./kind.ts";
import { referenceTo } from "./reference.ts";
import {
  type Field,
  isField,
  type NamedSpec,
  type ObjectSpec,
  object,
  type Spec,
  named as specNamed,
  type VariantSpec,
} from "./spec.ts";
import type { Values } from "./values.ts";

/** What a part of the configuration is compiled with. */
export type SectionContext = {
  /** What paths in it begin with: "auth/demo-auth-mount", "kvv2"; empty at the top. */
  readonly prefix: string;
  /** The path of the item without which there is nothing to read: the mount's own, "sys/auth/demo-auth-mount". */
  readonly within?: string;
  /** Paths of items that come first. */
  readonly requires?: readonly string[];
  /** The fields of the mount or object around it. */
  readonly values: Values;
  readonly originOf: (value: unknown) => Origin;
};

/** One key of the configuration: how it is written, and what objects it means. */
export type Section = {
  readonly kinds: readonly Kind[];
  readonly spec: Spec;
  readonly compile: (value: unknown, place: SectionContext) => Item[];
};
export type Sections = Readonly<Record<string, Section>>;

type CollectionOptions = {
  /** Names that are not to be had, each with the reason. */
  readonly reserved?: NamedSpec["reserved"];
  /** What each of them has inside besides its own fields. */
  readonly sections?: Sections;
};

/** An object that there is once, such as a mount's `config`. */
export function single(endpoint: Endpoint, kind: Kind = endpointKind(endpoint)): Section {
  return {
    kinds: [kind],
    spec: endpoint.spec,
    compile: (value, place) => [
      itemOf(kind, endpoint.spec, endpoint.path, value as Values, behind(endpoint, value as Values, place)),
    ],
  };
}

/** Objects that there are many of, by name. */
export function named(what: string, endpoint: Endpoint, options: CollectionOptions = {}): Section {
  return collection(what, endpointKind(endpoint), endpoint, options);
}

/** As `named`, with a kind of its own. */
export function collection(
  what: string,
  kind: Kind,
  endpoint: Pick<Endpoint, "path" | "spec" | "after" | "folds">,
  { reserved, sections: parts = {} }: CollectionOptions = {},
): Section {
  const { path, spec } = endpoint;
  const whole = { ...spec, fields: { ...spec.fields, ...specsOf(parts) } };
  return {
    kinds: [kind, ...kindsOf(parts)],
    spec: specNamed(
      what,
      `${plural(kind.name)} by name${endpoint.folds === true ? ", whose case does not count" : ""}`,
      whole,
      reserved,
    ),
    compile: (value, place) =>
      Object.entries(value as Record<string, Values>).flatMap(([name, each]) => {
        const own = itemOf(kind, spec, `${path}/${name}`, without(each, parts), behind(endpoint, each, place), each);
        const inside = { ...place, prefix: own.path, requires: [...(place.requires ?? []), own.path], values: each };
        return [{ ...own, ...folded(endpoint, name, place) }, ...compileSections(parts, each, inside)];
      }),
  };
}

function folded(
  { path, folds }: Pick<Endpoint, "path" | "folds">,
  name: string,
  place: SectionContext,
): Pick<Item, "sameAs"> {
  if (folds === undefined || (folds !== true && !folds(place.values))) return {};
  return { sameAs: joinPath(place.prefix, path, name.toLowerCase()) };
}

/** The place with what comes before an object by its own values. */
function behind({ after }: Pick<Endpoint, "after">, values: Values, place: SectionContext): SectionContext {
  if (after === undefined) return place;
  const first = after(values).map((path) => joinPath(place.prefix, path));
  return { ...place, requires: [...(place.requires ?? []), ...first] };
}

function joinPath(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("/");
}

/** Several parts under one key that is no object itself. */
export function group(describe: string, parts: Sections): Section & { readonly spec: ObjectSpec } {
  return {
    kinds: kindsOf(parts),
    spec: object(describe, specsOf(parts), { split: true }),
    compile: (value, place) => compileSections(parts, value as Values, place),
  };
}

/** Things by name, each of a type that its field `type` tells. */
export function variants(
  what: string,
  describe: string,
  of: VariantSpec["of"],
  reserved?: NamedSpec["reserved"],
): NamedSpec {
  return specNamed(what, describe, { type: "variant", describe: `one ${what}`, of }, reserved);
}

export function compileSections(parts: Sections, values: Values, place: SectionContext): Item[] {
  return Object.entries(parts).flatMap(([key, part]) =>
    values[key] === undefined ? [] : part.compile(values[key], place),
  );
}

export function specsOf(parts: Sections): Record<string, Spec> {
  return Object.fromEntries(Object.entries(parts).map(([key, { spec }]) => [key, spec]));
}

export function kindsOf(parts: Sections): Kind[] {
  return Object.values(parts).flatMap((part) => part.kinds);
}

/** The fields that no part takes. */
export function without(values: Values, parts: Sections): Values {
  if (Object.keys(parts).length === 0) return values;
  return Object.fromEntries(Object.entries(values).filter(([key]) => !Object.hasOwn(parts, key)));
}

/** One object of the configuration at `path` below its place. @param declared the value whose origin is known */
export function itemOf(
  kind: Kind,
  spec: ObjectSpec,
  path: string,
  values: Values,
  place: SectionContext,
  declared: unknown = values,
): Item {
  const { within } = place;
  const requires = [...(place.requires ?? []), ...passwordPoliciesIn(spec, values)];
  return {
    kind,
    path: joinPath(place.prefix, path),
    desired: withReferences(spec, values),
    ...(within === undefined ? {} : { within }),
    ...(requires.length === 0 ? {} : { requires }),
    policies: policiesIn(spec, values),
    at: place.originOf(declared),
  };
}

/** Fields that name other objects by their names become those that Vault takes, with references to the ids. */
function withReferences(spec: ObjectSpec, values: Values): Values {
  if (!meaningsOf(spec).refers) return values;
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const field = spec.fields[name];
    const refers = field !== undefined && isField(field) ? field.refers : undefined;
    if (refers === undefined) result[name] = joined(result[name], value);
    else result[refers.as] = joined(result[refers.as], references(refers.to, value));
  }
  return result;
}

function references(to: ReferenceKind, value: unknown): unknown {
  return Array.isArray(value) ? value.map((each) => referenceTo(to, String(each))) : referenceTo(to, String(value));
}

/** Ids may be given beside names: both count. */
function joined(before: unknown, value: unknown): unknown {
  return Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
}

function passwordPoliciesIn(spec: ObjectSpec, values: Values): string[] {
  return meaningsOf(spec).passwordPolicies.flatMap((name) =>
    Object.hasOwn(values, name) ? [`sys/policies/password/${values[name]}`] : [],
  );
}

function policiesIn(spec: ObjectSpec, desired: Values): string[] {
  return meaningsOf(spec).policies.flatMap((name) => {
    const value = desired[name];
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : String(value).split(",")).map((each) => String(each).trim().toLowerCase());
  });
}

/** What the fields of a description name; by description, since thousands of objects share one. */
const meaningsOf = memoize((spec: ObjectSpec) => {
  const fields = Object.entries(spec.fields).flatMap(([name, field]) => (isField(field) ? [{ name, field }] : []));
  const naming = (what: Field["names"]) => fields.flatMap(({ name, field }) => (field.names === what ? [name] : []));
  return {
    policies: naming("policy"),
    passwordPolicies: naming("password policy"),
    /** Whether any names objects whose ids Vault wants. */
    refers: fields.some(({ field }) => field.refers !== undefined),
  };
});
