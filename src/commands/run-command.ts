import { AppError, ExitCode } from "../errors.ts";
import { reportError } from "../exit.ts";
import { type Ending, recordOutcome } from "../health/outcome.ts";
import { redactFreeText } from "../redact.ts";
import type { Note, Run } from "../run.ts";
import type { Command } from "./command.ts";

/** Runs a command, logs the error that it throws, and records how a hook ended. @returns its exit code, or --changes-exit-code */
export async function runCommand(command: Command, context: Omit<Run, "note">): Promise<ExitCode> {
  let note: Note | undefined;
  const run: Run = {
    ...context,
    note: (each) => {
      note = each;
    },
  };
  const ending = await command.run(run).then(
    (exitCode): Ending => ({ exitCode, note }),
    (error: unknown): Ending => ({ exitCode: reportError(run.log, error), note: noteOf(error) }),
  );
  if (command.hook !== undefined) await recordOutcome(run, command.hook, ending);
  const hidesChanges = ending.exitCode === ExitCode.changes && run.settings.changesExitCode === "0";
  return hidesChanges ? ExitCode.done : ending.exitCode;
}

function noteOf(error: unknown): Note {
  if (error instanceof AppError) return { message: error.message, remedy: error.todo };
  // the message of a bug may quote anything
  const text = redactFreeText(error instanceof Error ? error.message : String(error));
  return { message: `a bug in vault-hooks: ${text}` };
}
