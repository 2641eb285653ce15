import { vaultPath } from "../../vault/path.ts";
import { endpointKind } from "../model/endpoint.ts";
import { dataOf, type Kind } from "../model/kind.ts";
import { collection, group, type Section } from "../model/section.ts";
import { list, object, string } from "../model/spec.ts";
import type { Values } from "../model/values.ts";

const spec = object("a plugin in the catalog", {
  command: string("command, relative to the plugin directory"),
  sha256: string("SHA-256 of the plugin", { lower: true }),
  version: string("version; one version of each plugin can be declared"),
  args: list("arguments", { ordered: true, secret: true }),
  env: list("environment variables, each as NAME=value", { ordered: true, writeOnly: true }),
  oci_image: string("OCI image, for a containerised plugin (Enterprise)"),
  runtime: string("plugin runtime of the container (Enterprise)"),
});

/** @see https://developer.hashicorp.com/vault/api-docs/system/plugins-catalog */
function catalog(type: "auth" | "database" | "secret"): Section {
  const path = `sys/plugins/catalog/${type}`;
  const base = endpointKind({ kind: `${type} plugin`, path, spec, always: ["env"] });
  const kind: Kind = {
    ...base,
    async read(reader, item) {
      const version = item.desired["version"];
      const query = version === undefined ? "" : `?version=${encodeURIComponent(String(version))}`;
      const data = dataOf(await reader.once(`${vaultPath(item.path)}${query}`), item.path);
      // a builtin plugin of the same name does not count; the registered plugin overrides it
      return data?.["builtin"] === true ? undefined : data;
    },
    // the path does not have the version
    async exists(reader, path) {
      const data = dataOf(await reader.once("sys/plugins/catalog"), path);
      const all = (data?.["detailed"] ?? []) as readonly Values[];
      return all.some((each) => !each["builtin"] && `sys/plugins/catalog/${each["type"]}/${each["name"]}` === path);
    },
    requiredPaths: (item) => [{ path: item.path, sudo: true }],
  };
  return collection("plugin", kind, { path, spec });
}

export const plugins = group("plugin catalog, by plugin type", {
  auth: catalog("auth"),
  database: catalog("database"),
  secret: catalog("secret"),
});
