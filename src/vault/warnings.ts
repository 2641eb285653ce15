import { AsyncLocalStorage } from "node:async_hooks";
import { redactFreeText } from "../redact.ts";

/** @param request for messages: "write auth/demo/role/r on vault-0". @param text Vault's words, with secrets redacted */
type Note = (text: string, request: string) => unknown;

/** The innermost listener around a request. Reads and writes of many objects are in flight at once. */
const listeners = new AsyncLocalStorage<Note>();

/**
 * Runs `act`. `note` receives each warning in Vault's answers to requests that `act` sends, also to requests that fail.
 * @see https://developer.hashicorp.com/vault/api-docs#the-warnings-field
 */
export async function listenForWarnings<T>(note: Note, act: () => Promise<T>): Promise<T> {
  return await listeners.run(note, act);
}

/** Passes the warnings of an answer on to the listener around the request. */
export function noteWarnings(request: string, answer: unknown): void {
  const warnings = (answer as { readonly warnings?: unknown } | null | undefined)?.warnings;
  if (!Array.isArray(warnings)) return;
  for (const warning of warnings) listeners.getStore()?.(redactFreeText(String(warning)).trim(), request);
}
