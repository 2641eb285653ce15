import type { Logger } from "../logger.ts";
import { type Deadline, until } from "./deadline.ts";

/**
 * Retries a write until it succeeds or the deadline passes, because a person may remove the cause of any error.
 * For data that exists nowhere else. Logs each new error once.
 *
 * @param what completes "gave up waiting for ..."
 * @throws NotReadyError at the deadline, with the last error
 */
export async function keepTrying(
  what: string,
  deadline: Deadline,
  log: Logger,
  act: () => Promise<unknown>,
): Promise<void> {
  let reason = "";
  async function attempt(): Promise<true | undefined> {
    try {
      await act();
      return true;
    } catch (error) {
      const { message } = error as Error;
      if (reason !== message) log.warn({ error: message }, "cannot write yet, trying again");
      reason = message;
      return undefined;
    }
  }
  await until(what, deadline, attempt, () => reason);
}
