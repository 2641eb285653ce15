import { plural } from "../../util/plural.ts";
import type { SectionContext } from "../model/item.ts";
import type { Item } from "../model/kind.ts";
import { compileSections, kindsOf, type Section, type Sections, specsOf, variants, without } from "../model/section.ts";
import { type NamedSpec, type ObjectSpec, type Spec, string } from "../model/spec.ts";
import type { Values } from "../model/values.ts";
import { type MountClass, mountFields, mountKinds, mountsPath } from "./mount.ts";

export { named, type Section, single } from "../model/section.ts";

/** A type of auth method or secrets engine. */
export type Engine = {
  readonly mountClass: MountClass;
  readonly type: string;
  readonly spec: ObjectSpec;
  readonly sections: Sections;
};

/** @param own fields of the mount that mean something of their own for this type */
export function engine(
  section: MountClass,
  type: string,
  describe: string,
  parts: Sections,
  own: Readonly<Record<string, Spec>> = {},
): Engine {
  const fields = { ...mountFields(section), ...own, ...specsOf(parts) };
  return { mountClass: section, type, sections: parts, spec: { type: "object", describe, fields, split: true } };
}

/** A mount of a plugin that has no description here; what it holds is declared under `raw`. */
export function pluginEngine(section: MountClass): Engine {
  const plain = engine(section, "plugin", "a plugin of Vault's catalog", {});
  const plugin_name = string("its name there", { required: true });
  return { ...plain, spec: { ...plain.spec, fields: { ...plain.spec.fields, plugin_name } } };
}

/** All mounts of a section, each of one of these types. */
export function mounts(
  section: MountClass,
  what: string,
  engines: readonly Engine[],
  taken: NamedSpec["reserved"],
): Section {
  const specs = Object.fromEntries(engines.map(({ type, spec }) => [type, spec]));
  const byType = new Map(engines.map((each) => [each.type, each]));
  return {
    kinds: [mountKinds[section], ...engines.flatMap(({ sections: parts }) => kindsOf(parts))],
    spec: variants(what, `${plural(what)} by the path they are mounted at`, specs, taken),
    compile: (value, place) =>
      Object.entries(value as Record<string, Values>).flatMap(([name, values]) => {
        const of = byType.get(String(values["type"]));
        return of === undefined ? [] : compileMount(of, name, values, place);
      }),
  };
}

function compileMount(
  { mountClass: section, sections: parts }: Engine,
  name: string,
  values: Values,
  place: SectionContext,
): Item[] {
  const path = `${mountsPath[section]}/${name}`;
  // Vault's own name for the type of a plugin's mount is the plugin's name
  const { plugin_name, ...fields } = without(values, parts);
  const own: Values = plugin_name === undefined ? fields : { ...fields, type: plugin_name };
  const tokenKey = (own["tune"] as Values | undefined)?.["identity_token_key"];
  const requires = [
    `sys/plugins/catalog/${section === "auth" ? "auth" : "secret"}/${own["type"]}`,
    ...(tokenKey === undefined ? [] : [`identity/oidc/key/${tokenKey}`]),
  ];
  const mount = { kind: mountKinds[section], path, desired: own, requires, at: place.originOf(values) };
  const prefix = section === "auth" ? `auth/${name}` : name;
  return [mount, ...compileSections(parts, values, { ...place, prefix, within: path, values: { ...values, ...own } })];
}
