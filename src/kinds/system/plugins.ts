import { vaultPath } from "../../vault/path.ts";
import { endpointKind } from "../model/endpoint.ts";
import { dataOf, type Kind } from "../model/kind.ts";
import { collection, group, type Section } from "../model/section.ts";
import { list, object, string } from "../model/spec.ts";

const spec = object("a plugin that Vault may run", {
  command: string("its file in the plugin directory"),
  sha256: string("the hash of that file", { lower: true }),
  version: string("its version; a plugin may be there in several, of which one is declared here"),
  args: list("arguments", { ordered: true, secret: true }),
  env: list("environment, each as NAME=value", { ordered: true, writeOnly: true }),
  oci_image: string("its image, where it runs in a container (Enterprise)"),
  runtime: string("what runs the container (Enterprise)"),
});

/** @see https://developer.hashicorp.com/vault/api-docs/system/plugins-catalog */
function catalog(type: "auth" | "database" | "secret"): Section {
  const path = `sys/plugins/catalog/${type}`;
  const base = endpointKind({ kind: `${type} plugin`, path, spec, always: ["env"] });
  const kind: Kind = {
    ...base,
    async read(live, item) {
      const version = item.desired["version"];
      const query = version === undefined ? "" : `?version=${encodeURIComponent(String(version))}`;
      const data = dataOf(await live.once(`${vaultPath(item.path)}${query}`), item.path);
      // one of Vault's own is told under the same name; ours then comes in its place
      return data?.["builtin"] === true ? undefined : data;
    },
    requiredPaths: (item) => [{ path: item.path, sudo: true }],
  };
  return collection("plugin", kind, { path, spec });
}

export const plugins = group("plugins in Vault's catalog, by their type", {
  auth: catalog("auth"),
  database: catalog("database"),
  secret: catalog("secret"),
});
