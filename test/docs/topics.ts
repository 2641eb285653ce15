import { isDeepStrictEqual } from "node:util";
import { isField, type NamedSpec, type ObjectSpec, type Spec, type VariantSpec } from "../../src/kinds/model/spec.ts";

/** A heading of the reference. */
export type Topic = {
  /** 2 for a section of the configuration, 3 for what is in it. */
  readonly level: 2 | 3;
  readonly title: string;
  readonly describe: string;
  /** How the place of its fields is written: ["auth", "MOUNT"]. */
  readonly path: readonly string[];
  readonly spec: Spec;
  /** Whether a configuration has something of it; examples are found so. */
  readonly isIn: (configuration: unknown) => boolean;
};

/** Every heading, in the order of the specification. */
export function topicsOf(root: ObjectSpec): Topic[] {
  return Object.entries(root.fields).flatMap(([key, spec]): Topic[] => {
    if (spec.type === "named" && spec.of.type === "variant") return mountTopics(key, spec, spec.of);
    const topic = plainTopic(2, [key], withoutSections(root, spec));
    if (spec.type !== "object" || !spec.split) return [topic];
    const inside = Object.entries(spec.fields).map(([name, inner]) => plainTopic(3, [key, name], inner));
    return [{ ...topic, spec: { ...spec, fields: {} }, isIn: () => false }, ...inside];
  });
}

/** Sections of the whole that stand in one of its collections again are named there and told once. */
function withoutSections(root: ObjectSpec, spec: Spec): Spec {
  if (spec.type !== "named" || spec.of.type !== "object") return spec;
  const again = Object.keys(spec.of.fields).filter((key) => spec.of.type === "object" && isSection(root, spec.of, key));
  if (again.length === 0) return spec;
  const own = Object.fromEntries(Object.entries(spec.of.fields).filter(([key]) => !again.includes(key)));
  const describe = `${spec.describe}; each may hold ${again.join(", ")}, as described under these names`;
  return { ...spec, describe, of: { ...spec.of, fields: own } };
}

function isSection(root: ObjectSpec, { fields }: ObjectSpec, key: string): boolean {
  return fields[key] !== undefined && fields[key] === root.fields[key];
}

function plainTopic(level: Topic["level"], path: readonly string[], spec: Spec): Topic {
  const isIn = (configuration: unknown) => path.reduce<unknown>(inside, configuration) !== undefined;
  return { level, title: path.join("."), describe: spec.describe, path, spec, isIn };
}

/** What all types of mount have in common is told once, in the section itself. */
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

/** One type may have a field of them that means something of its own there. */
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

/** "auth method" is written AUTH-METHOD where one of them is named. */
function placeholder({ noun: what }: NamedSpec): string {
  return what.toUpperCase().replaceAll(" ", "-");
}

/** The object whose fields are told under a path, and the path itself: collections add the name of one of them. */
export function objectOf(spec: Spec, path: readonly string[]): { spec: Spec; path: readonly string[] } {
  if (isField(spec) || spec.type !== "named") return { spec, path };
  return objectOf(spec.of, [...path, placeholder(spec)]);
}
