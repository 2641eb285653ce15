import type { AppError } from "../errors.ts";

/** Nothing is left to change. A warning is logged. */
export type Nothing = { readonly act: "nothing"; readonly why: string; readonly warning?: string };
export type Refusal = { readonly act: "refuse"; readonly error: AppError };
/** Nothing can be decided yet. `for` names what is missing. */
export type Wait = {
  readonly act: "wait";
  readonly for: string;
  /** Ends the wait after `startMs`, or at the deadline if that is earlier. Without it, only the deadline ends the wait. */
  readonly otherwise?: Nothing;
};

/** The next step of a command: one of its own changes, or one of those that every command has. */
export type Step<Change> = Change | Nothing | Refusal | Wait;
