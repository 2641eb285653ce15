import type { Logger } from "./logger.ts";
import type { Settings } from "./settings.ts";
import type { Deadline } from "./util/deadline.ts";

/** Why a run ended as it did, in one sentence, and what to do about it. */
export type Note = { readonly message: string; readonly remedy?: string | undefined };

/** The context of a command. */
export type Run = {
  readonly settings: Settings;
  readonly log: Logger;
  /** Ends every wait, after --timeout or on a signal. */
  readonly deadline: Deadline;
  /** Aborts on SIGTERM, SIGINT and SIGHUP. For a command that runs until then, and has a deadline for each of its rounds. */
  readonly stop: AbortSignal;
  /** Writes the output of the command to standard output, redacted. */
  readonly print: (text: string) => void;
  /** Takes a note about the result for VaultHealth. The error of a run that throws is noted by itself. */
  readonly note: (note: Note) => void;
};
