import { type AppError, DeniedError } from "../errors.ts";
import type { Item } from "../resources/kind.ts";
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
export async function explainLack(vault: Vault, item: Item, error: AppError): Promise<AppError> {
  if (!(error instanceof VaultError) || !lacking.some((each) => error.errors.some((said) => each.test(said)))) {
    return error;
  }
  const type = item.desired["type"];
  const what = typeof type === "string" ? `${item.kind.name} of type ${type}` : item.kind.name;
  return new DeniedError(`write ${item.path}: ${await serverName(vault)} has no ${what}: ${error.errors.join("; ")}`, {
    cause: error,
    todo: "Leave it out of the configuration of this server, or use one that has it.",
  });
}

/** "Vault 1.21.1", "OpenBao 2.4.0": the version tells not which of the two it is, its built-in plugins do. */
export async function serverName(vault: Vault): Promise<string> {
  const status = await vault.read("sys/seal-status").catch(() => undefined);
  const plugin = await vault.read("sys/plugins/catalog/auth/approle").catch(() => undefined);
  const isBao = JSON.stringify(plugin ?? {}).includes("bao");
  return `${isBao ? "OpenBao" : "Vault"} ${String(status?.["version"] ?? "of unknown version")}`;
}
