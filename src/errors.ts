/**
 * The exit codes of every command. The podFailurePolicy of the hooks retries only 1 and 3.
 *
 * @see docs/adr/0003-exit-codes.md
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

/** `todo` says what a person should do next. */
type Details = { todo?: string; cause?: unknown };

/** Base of every error for people. The message has the verb, the kind, the name and the cause, and never a secret value. */
export abstract class AppError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly todo: string | undefined;

  constructor(message: string, { todo, cause }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.todo = todo;
  }
}

/** The configuration, the command line, the environment or the kubeconfig is wrong. Nothing was applied. Exit 2. */
export class ConfigError extends AppError {
  readonly exitCode = ExitCode.config;
}

/** Something was not ready before the deadline, or a signal stopped the run. A retry may succeed. Exit 3. */
export class NotReadyError extends AppError {
  readonly exitCode = ExitCode.notReady;
}

/** Kubernetes does not have an object that the request needs. Exit 3, since it may be deployed in a moment. */
export class NotFoundError extends NotReadyError {}

/** The next step could lose keys or data, so a person must decide. Exit 4. */
export class RefusedError extends AppError {
  readonly exitCode = ExitCode.refused;
}

/** Vault or Kubernetes denied a request. Exit 5. */
export class DeniedError extends AppError {
  readonly exitCode = ExitCode.denied;
}
