import type { Logger } from "./logger.ts";
import type { Settings } from "./settings.ts";
import type { Deadline } from "./util/deadline.ts";

/** What every command is given. */
export type Run = {
  readonly settings: Settings;
  readonly log: Logger;
  /** Ends every wait: --timeout, or SIGTERM. */
  readonly deadline: Deadline;
  /** Writes what the command answers to standard output, redacted. */
  readonly print: (text: string) => void;
};
