import { type AppError, DeniedError } from "../errors.ts";
import type { Item } from "../kinds/model/kind.ts";
import { seenInside } from "../kinds/system/namespaces.ts";
import type { Vault } from "../vault/client.ts";
import { VaultError } from "../vault/error.ts";

/** How Vault and OpenBao say that they have no such path, auth method, engine or plugin. */
const lacking = [
  /enterprise-only feature/,
  /only available in Vault Enterprise/,
  /unsupported path/,
  /no handler for route/,
  /unsupported operation/,
  /not found in the (plugin )?catalog/,
  /unknown (backend|plugin) type/,
  /plugin .* could not be found/,
];

/** A refusal since this server does not have the kind at all says so, and which server it is. Any other stays as it is. */
export async function explainUnsupported(vault: Vault, item: Item, error: AppError): Promise<AppError> {
  if (!(error instanceof VaultError) || !lacking.some((each) => error.errors.some((said) => each.test(said)))) {
    return error;
  }
  const said = error.errors.join("; ").replaceAll(/\s+/g, " ").trim();
  const { found, todo } = nameAtFault(seenInside(item), said) ?? {
    found: `${await serverName(vault)} has no ${whatOf(item)}: ${said}`,
    todo: "Leave it out of the configuration of this server, or use one that has it.",
  };
  return new DeniedError(`write ${item.path}: ${found}`, { cause: error, todo });
}

function whatOf({ desired, kind }: Item): string {
  const type = desired["type"];
  return typeof type === "string" ? `${kind.name} of type ${type}` : kind.name;
}

/** The same words of Vault where the kind is known, and a name in it is not. */
function nameAtFault(item: Item, said: string): { found: string; todo: string } | undefined {
  const route = /no handler for route "?([^"\s]+)/.exec(said)?.[1];
  if (route !== undefined && item.within !== undefined && !item.path.startsWith(route)) {
    return { found: `nothing is mounted for ${route}`, todo: "Declare the mount that it names, or correct the name." };
  }
  const plugin = item.desired["plugin_name"];
  if (typeof plugin === "string" && /catalog|could not be found|unknown/.test(said)) {
    return { found: `there is no plugin ${plugin}: ${said}`, todo: "Correct plugin_name, or declare the plugin." };
  }
  const name = item.path.slice((item.within ?? "").replace(/^sys\/(mounts\/)?/, "").length + 1).replace(/^[^/]+\//, "");
  if (item.within === undefined || /^[\w.-]+$/.test(name) || !/unsupported path/.test(said)) return undefined;
  return {
    found: `Vault takes no such name for a ${item.kind.name}: ${said}`,
    todo: "Give it a name of letters, digits, - and _.",
  };
}

/** "Vault 1.21.1", "OpenBao 2.4.0": the version tells not which of the two it is, its built-in plugins do. */
export async function serverName(vault: Vault): Promise<string> {
  const status = await vault.read("sys/seal-status").catch(() => undefined);
  const plugin = await vault.read("sys/plugins/catalog/auth/approle").catch(() => undefined);
  const isBao = JSON.stringify(plugin ?? {}).includes("bao");
  return `${isBao ? "OpenBao" : "Vault"} ${String(status?.["version"] ?? "of unknown version")}`;
}
