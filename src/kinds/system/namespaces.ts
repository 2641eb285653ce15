import { memoize } from "../../util/memoize.ts";
import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import { diffFields } from "../model/endpoint.ts";
import { dataOf, type Item, type Kind, type LiveReader } from "../model/kind.ts";
import { compileSections, type Section, type Sections, specsOf, without } from "../model/section.ts";
import { map, named, object } from "../model/spec.ts";
import type { Values } from "../model/values.ts";
import { policyPath } from "./policy.ts";

const fields = { custom_metadata: map("custom metadata") };

/**
 * A namespace is a Vault within Vault. Paths in it are the same, prefixed with its name: `team-a/sys/policies/acl/dev`.
 * @see https://openbao.org/api-docs/system/namespaces/
 * @see https://developer.hashicorp.com/vault/api-docs/system/namespaces
 */
const kind: Kind = {
  name: "namespace",
  fields,
  async read(reader, item) {
    return dataOf(await reader.once(vaultPath(item.path)), item.path);
  },
  diff: (item, live) => diffFields("namespace", fields, item, live),
  async write(vault, { item }) {
    await vault.write(vaultPath(item.path), item.desired);
  },
  requiredPaths: ({ path }) => [{ path, sudo: true }],
};

/** @param sections the sections that may be declared in a namespace */
export function namespaces(sections: Sections): Section {
  return {
    kinds: [kind],
    spec: named("namespace", "namespaces by path (OpenBao and Enterprise); a/b is b in a", {
      ...object("a namespace and its objects", { ...fields, ...specsOf(sections) }),
      split: true,
    }),
    compile: (value, { originOf }) =>
      Object.entries(value as Record<string, Values>).flatMap(([name, each]): Item[] => {
        const path = namespacePath(name);
        const parent = name.includes("/") ? { within: namespacePath(name.slice(0, name.lastIndexOf("/"))) } : {};
        const own = { kind, path, desired: without(each, sections), at: originOf(each), ...parent };
        const inside = compileSections(sections, each, { prefix: "", values: {}, originOf });
        return [own, ...inside.map((item) => moveInto(name, path, item))];
      }),
  };
}

/** A namespace is an object of its parent namespace. */
function namespacePath(name: string): string {
  const slash = name.lastIndexOf("/");
  return `${name.slice(0, slash + 1)}sys/namespaces/${name.slice(slash + 1)}`;
}

function moveInto(namespace: string, namespaceItem: string, item: Item): Item {
  const inside = (path: string) => `${namespace}/${path}`;
  const { policies = [], requires = [], within, sameAs, ...others } = item;
  return {
    ...others,
    kind: kindIn(namespace, item.kind),
    path: inside(item.path),
    ...(sameAs === undefined ? {} : { sameAs: inside(sameAs) }),
    within: within === undefined ? namespaceItem : inside(within),
    requires: [...requires, ...policies.map(policyPath)].map(inside),
    namespace,
  };
}

/** The same kind, for objects in the namespace. */
function kindIn(namespace: string, inner: Kind): Kind {
  return {
    ...inner,
    read: (reader, item) => inner.read(readerIn(namespace, reader), relativeToNamespace(item)),
    diff: (item, live) => inner.diff(relativeToNamespace(item), live),
    write: (vault, change) =>
      inner.write(vaultIn(namespace, vault), { ...change, item: relativeToNamespace(change.item) }),
    requiredPaths: (item) =>
      inner.requiredPaths(relativeToNamespace(item)).map((need) => ({ ...need, path: `${namespace}/${need.path}` })),
  };
}

/** The item with `path` and `within` relative to its namespace, for kinds and for messages. */
export function relativeToNamespace(item: Item): Item {
  const { namespace, within, ...others } = item;
  if (namespace === undefined) return item;
  const inside = (path: string) => path.slice(namespace.length + 1);
  // a namespace's own `within` is its parent, which is outside
  return {
    ...others,
    path: inside(item.path),
    ...(within?.startsWith(`${namespace}/`) ? { within: inside(within) } : {}),
  };
}

/** @returns read access with paths relative to the namespace */
export function readerIn(namespace: string | undefined, reader: LiveReader): LiveReader {
  return namespace === undefined ? reader : memoizedReaderIn(namespace, reader);
}

const memoizedReaderIn = oncePerNamespace<LiveReader>((namespace, reader) => {
  const prefix = vaultPath(namespace);
  return { vault: vaultIn(namespace, reader.vault), once: (path) => reader.once(`${prefix}/${path}`) };
});

const vaultIn = oncePerNamespace<Vault>((namespace, vault) => {
  const prefix = vaultPath(namespace);
  const inside = (path: string) => `${prefix}/${path}`;
  return {
    ...vault,
    read: (path, options) => vault.read(inside(path), options),
    list: (path) => vault.list(inside(path)),
    write: (path, data, options) => vault.write(inside(path), data, options),
    delete: (path) => vault.delete(inside(path)),
  };
});

/** Memoizes `make`, so that the items of a namespace share the responses. */
function oncePerNamespace<T extends object>(make: (namespace: string, outside: T) => T) {
  const madeIn = memoize((_outside: T) => new Map<string, T>());
  return (namespace: string, outside: T): T => {
    const made = madeIn(outside);
    const inside = made.get(namespace) ?? make(namespace, outside);
    made.set(namespace, inside);
    return inside;
  };
}
