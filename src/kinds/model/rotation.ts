import { bool, duration, string } from "./spec.ts";

/**
 * When Vault rotates its own credentials for another system (Enterprise).
 * @see https://developer.hashicorp.com/vault/docs/configuration/plugin-rotation
 */
export const rotationFields = {
  rotation_period: duration("rotate the credentials this often (Enterprise)"),
  rotation_schedule: string("rotate them on this cron schedule (Enterprise)"),
  rotation_window: duration("longest time to complete a scheduled rotation (Enterprise)"),
  disable_automated_rotation: bool("do not rotate them (Enterprise)"),
};

/** How Vault authenticates with an identity token of its own instead of a stored secret (Enterprise). */
export const identityTokenFields = {
  identity_token_audience: string("audience of Vault's identity token (Enterprise)"),
  identity_token_ttl: duration("TTL of Vault's identity token (Enterprise)"),
};
