import { plural } from "../../util/plural.ts";
import type { SectionContext } from "../model/item.ts";
import type { Item } from "../model/kind.ts";
import { compileSections, kindsOf, type Section, type Sections, specsOf, variants, without } from "../model/section.ts";
import { type NamedSpec, type ObjectSpec, type Spec, string } from "../model/spec.ts";
import type { Values } from "../model/values.ts";
import { mountKinds, mountsPath } from "./mount.ts";
import { type MountClass, mountFields } from "./mount-fields.ts";

export { named, type Section, single } from "../model/section.ts";

/** A type of auth method or secrets engine. */
export type Engine = {
  readonly mountClass: MountClass;
  readonly type: string;
  readonly spec: ObjectSpec;
  readonly sections: Sections;
};

/** @param own fields of the mount that replace the common ones for this type */
export function engine(
  mountClass: MountClass,
  type: string,
  describe: string,
  sections: Sections,
  own: Readonly<Record<string, Spec>> = {},
): Engine {
  const fields = { ...mountFields(mountClass), ...own, ...specsOf(sections) };
  return { mountClass, type, sections, spec: { type: "object", describe, fields, split: true } };
}

/** A mount of a plugin without a description here. Its objects are declared under `raw`. */
export function pluginEngine(mountClass: MountClass): Engine {
  const plain = engine(mountClass, "plugin", "a plugin of Vault's catalog", {});
  const plugin_name = string("name in the catalog", { required: true });
  return { ...plain, spec: { ...plain.spec, fields: { ...plain.spec.fields, plugin_name } } };
}

const plugin = (name: string) => [name, `plugin with plugin_name: ${name}`] as const;

/** Types of `vault auth enable` and `vault secrets enable` that have no description of their own here. */
const typeHints: Readonly<Record<MountClass, Readonly<Record<string, string>>>> = {
  auth: Object.fromEntries(
    ["alicloud", "cf", "kerberos", "oci", "okta", "pcf", "radius", "saml", "spiffe"].map(plugin),
  ),
  secrets: {
    ...Object.fromEntries(["kv-v2", "kv2", "kvv2", "kv_v2"].map((name) => [name, 'kv with options: { version: "2" }'])),
    ...Object.fromEntries(
      ["kv-v1", "kv1", "kvv1", "generic"].map((name) => [name, 'kv with options: { version: "1" }']),
    ),
  },
};

/** All mounts of a class. @param noun "auth method" or "secrets engine" */
export function mounts(
  mountClass: MountClass,
  noun: string,
  engines: readonly Engine[],
  reserved: NamedSpec["reserved"],
): Section {
  const specs = Object.fromEntries(engines.map(({ type, spec }) => [type, spec]));
  const byType = new Map(engines.map((each) => [each.type, each]));
  return {
    kinds: [mountKinds[mountClass], ...engines.flatMap(({ sections }) => kindsOf(sections))],
    spec: variants(noun, `${plural(noun)} by mount path`, specs, { reserved, hints: typeHints[mountClass] }),
    compile: (value, context) =>
      Object.entries(value as Record<string, Values>).flatMap(([name, values]) => {
        const found = byType.get(String(values["type"]));
        return found === undefined ? [] : compileMount(found, name, values, context);
      }),
  };
}

function compileMount({ mountClass, sections }: Engine, name: string, values: Values, context: SectionContext): Item[] {
  const path = `${mountsPath[mountClass]}/${name}`;
  // Vault's type of a plugin's mount is the plugin's name
  const { plugin_name, ...fields } = without(values, sections);
  const own: Values = plugin_name === undefined ? fields : { ...fields, type: plugin_name };
  const tokenKey = (own["tune"] as Values | undefined)?.["identity_token_key"];
  const requires = [
    `sys/plugins/catalog/${mountClass === "auth" ? "auth" : "secret"}/${own["type"]}`,
    ...(tokenKey === undefined ? [] : [`identity/oidc/key/${tokenKey}`]),
  ];
  const mount = { kind: mountKinds[mountClass], path, desired: own, requires, at: context.originOf(values) };
  const prefix = mountClass === "auth" ? `auth/${name}` : name;
  const inside = { ...context, prefix, within: path, values: { ...values, ...own } };
  return [mount, ...compileSections(sections, values, inside)];
}
