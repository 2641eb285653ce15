import { type AppError, RefusedError } from "../errors.ts";
import type { Applied } from "./apply.ts";
import type { Plan } from "./plan.ts";

/** One object that could not be planned or written, and why. */
export type Trouble = { readonly kind: string; readonly path: string; readonly error: AppError };

/** The objects that a plan refuses or could not read. */
export function troublesOf({ refusals, unreadable }: Plan): Trouble[] {
  return [
    ...refusals.map(({ item, reason, todo }) => trouble(item, new RefusedError(reason, { todo }))),
    ...unreadable.map(({ item, error }) => trouble(item, error)),
  ];
}

/** The changes that failed. */
export function failuresOf({ failed }: Applied): Trouble[] {
  return failed.map(({ item, error }) => trouble(item, error));
}

function trouble(item: Plan["unreadable"][number]["item"], error: AppError): Trouble {
  return { kind: item.kind.name, path: item.path, error };
}
