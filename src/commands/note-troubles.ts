import { exitCodeOf } from "../plan-apply/exit-code.ts";
import type { Trouble } from "../plan-apply/troubles.ts";
import type { Run } from "../run.ts";

/** Notes the object that decided the exit code, and how many others had trouble. */
export function noteTroubles({ note }: Run, troubles: readonly Trouble[]): void {
  const code = exitCodeOf(troubles);
  const worst = troubles.find(({ error }) => error.exitCode === code);
  if (worst === undefined) return;
  const others = troubles.length === 1 ? "" : ` (and ${troubles.length - 1} more)`;
  note({ message: `${worst.kind} ${worst.path}: ${worst.error.message}${others}`, remedy: worst.error.todo });
}
