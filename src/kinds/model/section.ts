import { plural } from "../../util/plural.ts";
import { type Endpoint, endpointKind } from "./endpoint.ts";
import { itemOf, joinPath, type SectionContext } from "./item.ts";
import type { Item, Kind } from "./kind.ts";
import { type NamedSpec, type ObjectSpec, object, type Spec, named as specNamed, type VariantSpec } from "./spec.ts";
import type { Values } from "./values.ts";

/** One key of the configuration: its description, and the objects that it declares. */
export type Section = {
  readonly kinds: readonly Kind[];
  readonly spec: Spec;
  readonly compile: (value: unknown, context: SectionContext) => Item[];
};
export type Sections = Readonly<Record<string, Section>>;

type CollectionOptions = {
  /** Names that nobody may use, each with the reason. */
  readonly reserved?: NamedSpec["reserved"];
  /** Sections in each object, in addition to its own fields. */
  readonly sections?: Sections;
};

/** An object that exists once, such as a mount's `config`. */
export function single(endpoint: Endpoint, kind: Kind = endpointKind(endpoint)): Section {
  return {
    kinds: [kind],
    spec: endpoint.spec,
    compile: (value, context) => [
      itemOf(kind, endpoint.spec, endpoint.path, value as Values, withPredecessors(endpoint, value as Values, context)),
    ],
  };
}

/** Many objects by name. @param noun what one of them is called: "role" */
export function named(noun: string, endpoint: Endpoint, options: CollectionOptions = {}): Section {
  return collection(noun, endpointKind(endpoint), endpoint, options);
}

/** As `named`, with a kind of its own. */
export function collection(
  noun: string,
  kind: Kind,
  endpoint: Pick<Endpoint, "path" | "spec" | "after" | "caseInsensitive">,
  { reserved, sections = {} }: CollectionOptions = {},
): Section {
  const { path, spec } = endpoint;
  const all = { ...spec, fields: { ...spec.fields, ...specsOf(sections) } };
  const describe = `${plural(kind.name)} by name${endpoint.caseInsensitive === true ? ", whose case does not count" : ""}`;
  return {
    kinds: [kind, ...kindsOf(sections)],
    spec: specNamed(noun, describe, all, reserved),
    compile: (value, context) =>
      Object.entries(value as Record<string, Values>).flatMap(([name, each]) => {
        const own = without(each, sections);
        const item = itemOf(kind, spec, `${path}/${name}`, own, withPredecessors(endpoint, each, context), each);
        const requires = [...(context.requires ?? []), item.path];
        const inside = { ...context, prefix: item.path, requires, values: each };
        return [{ ...item, ...folded(endpoint, name, context) }, ...compileSections(sections, each, inside)];
      }),
  };
}

function folded(
  { path, caseInsensitive }: Pick<Endpoint, "path" | "caseInsensitive">,
  name: string,
  context: SectionContext,
): Pick<Item, "sameAs"> {
  if (caseInsensitive === undefined || (caseInsensitive !== true && !caseInsensitive(context.values))) return {};
  return { sameAs: joinPath(context.prefix, path, name.toLowerCase()) };
}

/** @returns the context with the predecessors that follow from the object's own values */
function withPredecessors({ after }: Pick<Endpoint, "after">, values: Values, context: SectionContext): SectionContext {
  if (after === undefined) return context;
  const first = after(values).map((path) => joinPath(context.prefix, path));
  return { ...context, requires: [...(context.requires ?? []), ...first] };
}

/** Several sections under one key that is not an object itself. */
export function group(describe: string, sections: Sections): Section & { readonly spec: ObjectSpec } {
  return {
    kinds: kindsOf(sections),
    spec: object(describe, specsOf(sections), { split: true }),
    compile: (value, context) => compileSections(sections, value as Values, context),
  };
}

/** Objects by name whose field `type` selects their description. */
export function variants(
  noun: string,
  describe: string,
  of: VariantSpec["of"],
  { reserved, hints }: { readonly reserved?: NamedSpec["reserved"]; readonly hints?: VariantSpec["hints"] } = {},
): NamedSpec {
  const variant: VariantSpec = { type: "variant", describe: `one ${noun}`, of, ...(hints !== undefined && { hints }) };
  return specNamed(noun, describe, variant, reserved);
}

export function compileSections(sections: Sections, values: Values, context: SectionContext): Item[] {
  return Object.entries(sections).flatMap(([key, section]) =>
    values[key] === undefined ? [] : section.compile(values[key], context),
  );
}

export function specsOf(sections: Sections): Record<string, Spec> {
  return Object.fromEntries(Object.entries(sections).map(([key, { spec }]) => [key, spec]));
}

export function kindsOf(sections: Sections): Kind[] {
  return Object.values(sections).flatMap((section) => section.kinds);
}

/** @returns the values without the keys of sections */
export function without(values: Values, sections: Sections): Values {
  if (Object.keys(sections).length === 0) return values;
  return Object.fromEntries(Object.entries(values).filter(([key]) => !Object.hasOwn(sections, key)));
}
