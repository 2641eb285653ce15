import { bool, duration, string } from "./spec.ts";

/**
 * When Vault renews by itself what it logs in with elsewhere (Enterprise).
 * @see https://developer.hashicorp.com/vault/docs/configuration/plugin-rotation
 */
export const rotationFields = {
  rotation_period: duration("renew the login this often (Enterprise)"),
  rotation_schedule: string("renew it by this cron line (Enterprise)"),
  rotation_window: duration("how long a scheduled renewal may be tried (Enterprise)"),
  disable_automated_rotation: bool("do not renew it (Enterprise)"),
};

/** How Vault proves who it is by a token of its own, instead of a stored secret (Enterprise). */
export const identityTokenFields = {
  identity_token_audience: string("audience of Vault's own token (Enterprise)"),
  identity_token_ttl: duration("how long Vault's own token lives (Enterprise)"),
};
