import { AppError, RefusedError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type Deadline, until } from "../util/deadline.ts";

/**
 * Repeats an act that must succeed, whatever hinders it meanwhile: what it holds exists nowhere else.
 * @throws RefusedError at once, NotReadyError at the deadline with the last hindrance
 */
export async function insist(
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
      if (!(error instanceof AppError) || error instanceof RefusedError) throw error;
      if (reason !== error.message) log.warn({ error: error.message }, "cannot write yet, trying again");
      reason = error.message;
      return undefined;
    }
  }
  await until(what, deadline, attempt, () => reason);
}
