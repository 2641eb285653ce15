import type { Logger } from "../logger.ts";
import { type Deadline, until } from "./deadline.ts";

/**
 * Repeats an act that must succeed, whatever hinders it meanwhile: what it holds exists nowhere else, and a person may
 * take the hindrance away. Each hindrance is logged once.
 * @throws NotReadyError at the deadline with the last hindrance
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
