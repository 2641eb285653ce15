/**
 * The exit codes of every command; hooks' podFailurePolicy reads them (docs/adr/0003-exit-codes.md).
 * Only 1 and 3 are worth trying again.
 */
export const ExitCode = {
  done: 0,
  bug: 1,
  config: 2,
  notReady: 3,
  refused: 4,
  denied: 5,
  changes: 10,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What a failure says: the subject's verb, kind and name are in `message`; `todo` is what a person does next. */
type Details = { todo?: string; cause?: unknown };

/** Base of every error that a person is meant to read. Its message never holds a secret value. */
export abstract class AppError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly todo: string | undefined;

  constructor(message: string, { todo, cause }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.todo = todo;
  }
}

/** The configuration, a flag, the environment or the cluster's description is wrong; nothing of the configuration was applied. Exit 2. */
export class ConfigError extends AppError {
  readonly exitCode = ExitCode.config;
}

/** Something did not get ready before the deadline, or the run was told to stop; try again. Exit 3. */
export class NotReadyError extends AppError {
  readonly exitCode = ExitCode.notReady;
}

/** Going on could lose something: a person must decide. Exit 4. */
export class RefusedError extends AppError {
  readonly exitCode = ExitCode.refused;
}

/** Vault or Kubernetes denied it. Exit 5. */
export class DeniedError extends AppError {
  readonly exitCode = ExitCode.denied;
}
