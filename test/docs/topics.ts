import { isDeepStrictEqual } from "node:util";
import { isField, type NamedSpec, type ObjectSpec, type Spec, type VariantSpec } from "../../src/kinds/model/spec.ts";

/** A heading of the reference. */
export type Topic = {
  /** 2 for a section of the configuration, 3 for a part of one. */
  readonly level: 2 | 3;
  readonly title: string;
  readonly describe: string;
  /** The path of its fields, with placeholders for names: ["auth", "MOUNT"]. */
  readonly path: readonly string[];
  readonly spec: Spec;
  /** Whether a configuration declares a part of it; used to find examples. */
  readonly isIn: (configuration: unknown) => boolean;
};

/** All headings, in the order of the specification. */
export function topicsOf(root: ObjectSpec): Topic[] {
  return Object.entries(root.fields).flatMap(([key, spec]): Topic[] => {
    if (spec.type === "named" && spec.of.type === "variant") return mountTopics(key, spec, spec.of);
    const topic = plainTopic(2, [key], withoutSections(root, spec));
    if (spec.type !== "object" || !spec.split) return [topic];
    const inside = Object.entries(spec.fields).map(([name, inner]) => plainTopic(3, [key, name], inner));
    return [{ ...topic, spec: { ...spec, fields: {} }, isIn: () => false }, ...inside];
  });
}

/** A collection that repeats sections of the root, such as namespaces, only names them; they are described once. */
function withoutSections(root: ObjectSpec, spec: Spec): Spec {
  if (spec.type !== "named" || spec.of.type !== "object") return spec;
  const repeated = Object.keys(spec.of.fields).filter(
    (key) => spec.of.type === "object" && isSection(root, spec.of, key),
  );
  if (repeated.length === 0) return spec;
  const own = Object.fromEntries(Object.entries(spec.of.fields).filter(([key]) => !repeated.includes(key)));
  const describe = `${spec.describe}; each may have ${repeated.join(", ")}, as described there`;
  return { ...spec, describe, of: { ...spec.of, fields: own } };
}

function isSection(root: ObjectSpec, { fields }: ObjectSpec, key: string): boolean {
  return fields[key] !== undefined && fields[key] === root.fields[key];
}

function plainTopic(level: Topic["level"], path: readonly string[], spec: Spec): Topic {
  const isIn = (configuration: unknown) => path.reduce<unknown>(inside, configuration) !== undefined;
  return { level, title: path.join("."), describe: spec.describe, path, spec, isIn };
}

/** The fields that all types of mount share are listed once, in the section itself. */
function mountTopics(key: string, spec: NamedSpec, variant: VariantSpec): Topic[] {
  const path = [key, placeholder(spec)];
  const common = commonFields(Object.values(variant.of));
  const section: Topic = {
    level: 2,
    title: key,
    describe: spec.describe,
    path,
    spec: { type: "object", describe: spec.describe, fields: common },
    isIn: () => false,
  };
  const types = Object.entries(variant.of).map(([type, of]): Topic => {
    const own = Object.entries(of.fields).filter(([name, field]) => !isDeepStrictEqual(common[name], field));
    const fields = Object.fromEntries(own);
    const hasType = (mount: unknown) => inside(mount, "type") === type;
    const isIn = (configuration: unknown) => Object.values(inside(configuration, key) ?? {}).some(hasType);
    return { level: 3, title: `${key}: ${type}`, describe: of.describe, path, spec: { ...of, fields }, isIn };
  });
  return [section, ...types];
}

/** The fields that all types share. At most one type may define such a field differently. */
function commonFields(objects: readonly ObjectSpec[]): ObjectSpec["fields"] {
  const [first, ...others] = objects;
  const entries = Object.entries(first?.fields ?? {});
  return Object.fromEntries(
    entries.filter(([name, spec]) => {
      const different = others.filter(({ fields }) => !isDeepStrictEqual(fields[name], spec));
      return different.length < 2 && different.every(({ fields }) => Object.hasOwn(fields, name));
    }),
  );
}

function inside(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** The placeholder for a name: AUTH-METHOD for "auth method". */
function placeholder({ noun: what }: NamedSpec): string {
  return what.toUpperCase().replaceAll(" ", "-");
}

/** The object whose fields are listed, and its path: a collection adds the placeholder for its name. */
export function objectOf(spec: Spec, path: readonly string[]): { spec: Spec; path: readonly string[] } {
  if (isField(spec) || spec.type !== "named") return { spec, path };
  return objectOf(spec.of, [...path, placeholder(spec)]);
}
