import { type AppError, ExitCode, RefusedError } from "../errors.ts";
import type { Applied } from "./apply.ts";
import type { Plan } from "./plan.ts";

/** One object that is not as it should be. */
export type Trouble = { readonly kind: string; readonly path: string; readonly error: AppError };

/** What a plan could not even begin: refused, or not readable. */
export function troubleOf({ refusals, unread }: Plan): Trouble[] {
  return [
    ...refusals.map(({ item, reason, todo }) => trouble(item, new RefusedError(reason, { todo }))),
    ...unread.map(({ item, error }) => trouble(item, error)),
  ];
}

export function failuresOf({ failed }: Applied): Trouble[] {
  return failed.map(({ item, error }) => trouble(item, error));
}

function trouble(item: Plan["unread"][number]["item"], error: AppError): Trouble {
  return { kind: item.kind.name, path: item.path, error };
}

/** From the gravest: as long as one object needs a person, trying again cannot end well. */
const gravity = [ExitCode.refused, ExitCode.denied, ExitCode.config, ExitCode.bug, ExitCode.notReady];

/** The exit code of all troubles together; done for none. */
export function exitCodeOf(troubles: readonly Trouble[]): ExitCode {
  const codes = new Set(troubles.map(({ error }) => error.exitCode));
  return gravity.find((code) => codes.has(code)) ?? ExitCode.done;
}
