import { type AppError, DeniedError } from "../errors.ts";
import type { Item } from "../kinds/model/kind.ts";
import { relativeToNamespace } from "../kinds/system/namespaces.ts";
import { redactFreeText } from "../redact.ts";
import type { Vault } from "../vault/client.ts";
import { VaultError } from "../vault/error.ts";
import { findRemovedPlugin } from "./removed-plugin.ts";

type Explained = { readonly problem: string; readonly todo: string };

/** Errors of Vault and OpenBao for a path, auth method, secrets engine or plugin that they do not have. */
const unsupported = [
  /enterprise-only feature/,
  /only available in Vault Enterprise/,
  /unsupported path/,
  /no handler for route/,
  /unsupported operation/,
  /not found in the (plugin )?catalog/,
  /unknown (backend|plugin) type/,
  /plugin .* could not be found/,
];

/**
 * Explains an error of a server that does not support the kind, or that does not know a name in the object.
 *
 * @returns DeniedError that names the server or the name; `error` itself if it has a different cause
 */
export async function explainUnsupported(vault: Vault, item: Item, error: AppError): Promise<AppError> {
  if (!(error instanceof VaultError)) return error;
  if (!unsupported.some((pattern) => error.errors.some((message) => pattern.test(message)))) return error;
  const reason = error.errors.join("; ").replaceAll(/\s+/g, " ").trim();
  const { problem, todo } = unknownName(relativeToNamespace(item), reason) ?? (await unknownKind(vault, item, reason));
  return new DeniedError(`write ${item.path}: ${problem}`, { cause: error, todo });
}

async function unknownKind(vault: Vault, item: Item, reason: string): Promise<Explained> {
  const server = await serverName(vault);
  const plugin = server.startsWith("OpenBao") ? await findRemovedPlugin(vault, item, reason) : undefined;
  const missing = `${server} has no ${describeKind(item)}`;
  if (plugin === undefined) {
    const todo = "Remove it from the configuration of this server, or use a server that has it.";
    return { problem: `${missing}: ${redactFreeText(reason)}`, todo };
  }
  const { catalog, name, since } = plugin;
  return {
    problem: `${missing}: the ${catalog} plugin ${name} is not built into OpenBao since ${since}`,
    todo:
      `Put the plugin into the plugin directory of every server (https://github.com/openbao/openbao-plugins), and declare it under ` +
      `plugins.${catalog}.${name}; or remove the mount from the configuration of this server.`,
  };
}

function describeKind({ desired, kind }: Item): string {
  const type = desired["type"];
  return typeof type === "string" ? `${kind.name} of type ${type}` : kind.name;
}

/** Vault uses the same errors if it has the kind, but does not know a name in the object. */
function unknownName(item: Item, reason: string): Explained | undefined {
  const route = /no handler for route "?([^"\s]+)/.exec(reason)?.[1];
  if (route !== undefined && item.within !== undefined && !item.path.startsWith(route)) {
    return { problem: `nothing is mounted for ${route}`, todo: "Declare the mount, or correct its name." };
  }
  const plugin = item.desired["plugin_name"];
  if (typeof plugin === "string" && /catalog|could not be found|unknown/.test(reason)) {
    return {
      problem: `there is no plugin ${plugin}: ${redactFreeText(reason)}`,
      todo: "Correct plugin_name, or declare the plugin.",
    };
  }
  const name = item.path.slice((item.within ?? "").replace(/^sys\/(mounts\/)?/, "").length + 1).replace(/^[^/]+\//, "");
  if (item.within === undefined || /^[\w.-]+$/.test(name) || !/unsupported path/.test(reason)) return undefined;
  return {
    problem: `Vault does not accept this name for a ${item.kind.name}: ${redactFreeText(reason)}`,
    todo: "Give it a name of letters, digits, - and _.",
  };
}

/** "Vault 1.21.1", "OpenBao 2.7.2". The version does not show which of the two it is; the built-in plugins do. */
export async function serverName(vault: Vault): Promise<string> {
  const status = await vault.read("sys/seal-status").catch(() => undefined);
  const plugin = await vault.read("sys/plugins/catalog/auth/approle").catch(() => undefined);
  const isBao = JSON.stringify(plugin ?? {}).includes("bao");
  return `${isBao ? "OpenBao" : "Vault"} ${String(status?.["version"] ?? "of unknown version")}`;
}
