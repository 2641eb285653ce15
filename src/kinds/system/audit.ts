import type { Vault } from "../../vault/client.ts";
import { vaultPath } from "../../vault/path.ts";
import { diffFields } from "../model/endpoint.ts";
import { type Change, dataOf, type Kind, valuesOf } from "../model/kind.ts";
import { collection } from "../model/section.ts";
import { bool, map, object, string } from "../model/spec.ts";

const fields = {
  type: string("type of device", { required: true, values: ["file", "syslog", "socket", "http"] }),
  description: string("description"),
  local: bool("not replicated (Enterprise)"),
  options: map("options of the device; options that are not listed are removed"),
};

/**
 * Vault cannot change a device, so a write disables and re-enables it. If Vault rejects the new one, the old one is restored.
 * @see https://developer.hashicorp.com/vault/api-docs/system/audit
 */
const kind: Kind = {
  name: "audit device",
  fields,
  // Vault answers 500 ("failed to audit response") to requests in flight while a device is enabled
  runsFirst: true,
  async read(reader, item) {
    const devices = dataOf(await reader.once("sys/audit"), "sys/audit") ?? {};
    const found = devices[`${item.path.slice("sys/audit/".length)}/`];
    return found === undefined ? undefined : valuesOf(found, item.path);
  },
  diff: (item, live) => diffFields("audit device", fields, item, live),
  write: (vault, change) => write(vault, change),
  requiredPaths: ({ path }) => [
    { path: "sys/audit", sudo: true },
    { path, sudo: true },
  ],
};

async function write(vault: Vault, { op, item, live }: Change): Promise<void> {
  const path = vaultPath(item.path);
  if (op === "create" || live === undefined) {
    await vault.write(path, item.desired);
    return;
  }
  const { type, description, local, options } = live;
  const old = { type, description, local, options };
  await vault.delete(path);
  try {
    await vault.write(path, { ...old, ...item.desired });
  } catch (error) {
    await vault.write(path, old);
    throw error;
  }
}

export const audit = collection("audit device", kind, {
  path: "sys/audit",
  spec: object("an audit device", fields),
});
