import type { Values } from "./compare.ts";
import { type Endpoint, endpointKind } from "./endpoint.ts";
import type { Item, Kind, Origin } from "./kind.ts";
import { mountFields, type Section } from "./mount.ts";
import { isField, type ObjectSpec, type Spec, named as specNamed } from "./spec.ts";

/** What a part of an engine is compiled with. */
export type Place = {
  /** What paths in it begin with: "auth/demo-auth-mount", "kvv2". */
  readonly prefix: string;
  /** The path of the item that is the mount itself: "sys/auth/demo-auth-mount". */
  readonly within: string;
  /** The mount's own fields. */
  readonly values: Values;
  readonly originOf: (value: unknown) => Origin;
};

/** One key of a mount in the configuration: how it is written, and what objects it means. */
export type Part = {
  readonly kinds: readonly Kind[];
  readonly spec: Spec;
  readonly compile: (value: unknown, place: Place) => Item[];
};

/** A type of auth method or secrets engine. */
export type Engine = {
  readonly section: Section;
  readonly type: string;
  readonly spec: ObjectSpec;
  readonly parts: Readonly<Record<string, Part>>;
};

export function engine(section: Section, type: string, describe: string, parts: Engine["parts"]): Engine {
  const specs = Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, part.spec]));
  const fields = { ...mountFields(section), ...specs };
  return { section, type, parts, spec: { type: "object", describe, fields, split: true } };
}

/** An object that a mount has once, as its `config`. */
export function single(endpoint: Endpoint): Part {
  const kind = endpointKind(endpoint);
  return {
    kinds: [kind],
    spec: endpoint.spec,
    compile: (value, place) => [itemOf(kind, endpoint, endpoint.path, value as Values, place)],
  };
}

/** Objects that a mount has many of, by name. */
export function named(what: string, endpoint: Endpoint): Part {
  const kind = endpointKind(endpoint);
  return {
    kinds: [kind],
    spec: specNamed(what, `${endpoint.kind}s by name`, endpoint.spec),
    compile: (value, place) =>
      Object.entries(value as Record<string, Values>).map(([name, each]) =>
        itemOf(kind, endpoint, `${endpoint.path}/${name}`, each, place),
      ),
  };
}

function itemOf(kind: Kind, { spec }: Endpoint, path: string, desired: Values, place: Place): Item {
  return {
    kind,
    path: `${place.prefix}/${path}`,
    desired,
    within: place.within,
    policies: policiesIn(spec, desired),
    at: place.originOf(desired),
  };
}

function policiesIn(spec: ObjectSpec, desired: Values): string[] {
  return Object.entries(spec.fields).flatMap(([name, field]) => {
    if (!isField(field) || field.names !== "policy") return [];
    const value = desired[name];
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : String(value).split(",")).map((each) => String(each).trim().toLowerCase());
  });
}
