import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { AppError, ExitCode, NotReadyError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import { isInterruptible, stopOnSignals } from "./signals.ts";

type Options = {
  /** For errors that no command logs itself. */
  readonly log: Logger;
  /** The longest that an act of `uninterruptible` takes, in milliseconds: an exit after a bug waits for it. */
  readonly longestHeldMs: number;
};

/**
 * Runs `main` and ends the process with its exit code. A second signal and an uncaught exception end the process too.
 *
 * @param main is given a signal that SIGTERM, SIGINT and SIGHUP abort; an error that it throws is logged
 */
export async function runToExit(main: (stop: AbortSignal) => Promise<ExitCode>, options: Options): Promise<void> {
  const { log } = options;
  const bug = watchExceptions(options);
  const outputError = watchOutputs(log);
  const stopWatching = watchEventLoop(log);
  const code = await main(stopOnSignals(exit)).catch((error: unknown) => reportError(log, error));
  stopWatching();
  await outputsWritten();
  exit(outputError() ?? (code || bug() || ExitCode.done));
}

/** Logs an error and returns its exit code. Every error but an AppError is a bug. */
export function reportError(log: Logger, error: unknown): ExitCode {
  if (!(error instanceof AppError)) {
    const stack = error instanceof Error ? error.stack : String(error);
    log.error({ stack, exitCode: ExitCode.bug }, "this is a bug in vault-hooks; please report it");
    return ExitCode.bug;
  }
  const { exitCode, message, todo } = error;
  log.error({ exitCode, error: message, ...(todo === undefined ? {} : { todo }) }, "failed");
  return exitCode;
}

type CodeOfFailure = () => ExitCode | undefined;

/** An uncaught exception ends the process, but not while it holds the only copy of the keys. */
function watchExceptions({ log, longestHeldMs }: Options): CodeOfFailure {
  let bug: ExitCode | undefined;
  process.on("uncaughtException", (error) => {
    const code = reportError(log, error);
    bug = code;
    if (isInterruptible()) exit(code);
    // the command may now wait forever for the code that threw
    setTimeout(() => exit(code), longestHeldMs);
  });
  return () => bug;
}

/** A reader that closes its end, such as `head`, does not fail the run. Any other write error does. */
function watchOutputs(log: Logger): CodeOfFailure {
  let failure: ExitCode | undefined;
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") failure ??= reportError(log, new NotReadyError(`write to standard output: ${message}`));
  });
  return () => failure;
}

/** Node exits 0 when the event loop is empty, even if `main` never settled, which is reported as a bug. */
function watchEventLoop(log: Logger): () => void {
  const onEmpty = () => {
    const code = reportError(log, new Error("the event loop is empty, but the command has not ended"));
    void outputsWritten().then(() => exit(code));
  };
  process.once("beforeExit", onEmpty);
  return () => process.off("beforeExit", onEmpty);
}

/** Resolves once all output is written, however slow its reader is. */
async function outputsWritten(): Promise<void> {
  const written = (stream: NodeJS.WriteStream) => new Promise((done) => void stream.write("", done));
  await Promise.all([written(process.stdout), written(process.stderr)]);
  await setImmediate(); // a stream emits its error after the callback of the write
}

/** The only call of process.exit. Connections that still wait for a server do not delay it. */
function exit(code: number): never {
  process.exit(code);
}
