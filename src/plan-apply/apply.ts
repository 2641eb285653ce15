import { AppError } from "../errors.ts";
import type { Change, Item } from "../kinds/model/kind.ts";
import { predecessors } from "../kinds/order.ts";
import type { Logger } from "../logger.ts";
import { runGraph } from "../util/parallel.ts";
import { type Hold, serialQueue } from "../util/serial-queue.ts";
import type { Vault } from "../vault/client.ts";
import { listenForWarnings } from "../vault/warnings.ts";
import type { Plan } from "./plan.ts";
import { type ObjectWarnings, warningsOf } from "./warnings.ts";
import { writeChange } from "./write.ts";

/** The outcome of each change of a plan. */
export type Applied = {
  readonly done: readonly Change[];
  readonly failed: readonly { readonly item: Item; readonly error: AppError }[];
  /** Not written, since a predecessor failed or was blocked itself. */
  readonly blocked: readonly { readonly item: Item; readonly by: string }[];
  readonly warnings: readonly ObjectWarnings[];
};

export type ApplyOptions = {
  readonly log: Logger;
  /** The maximum number of parallel requests. */
  readonly concurrency: number;
  /** Writes changes that two runs must not make at once. One call covers all such changes that are waiting. */
  readonly exclusively: Hold;
};

/**
 * Writes the changes of a plan, each as soon as its predecessors are written. A failure blocks only its successors.
 * Makes no decisions: an object that is not in the plan is not touched.
 *
 * @param vault with a token that may write them
 * @returns how each change ended
 * @throws any error other than an AppError, because that is a bug
 */
export async function apply(vault: Vault, { changes }: Plan, options: ApplyOptions): Promise<Applied> {
  const nodes = changes.map((change) => ({ id: change.item.path, after: predecessors(change.item), change }));
  const exclusively = serialQueue(options.exclusively);
  const verified = new Set<string>();
  const warnings = new Map(changes.map(({ item }) => [item.path, new Set<string>()]));
  const act = async ({ change }: (typeof nodes)[number]) => {
    const note = (text: string) => warnings.get(change.item.path)?.add(text);
    const write = () => listenForWarnings(note, () => writeChange(vault, change, verified));
    await (change.item.kind.exclusive?.(change) === true ? exclusively(write) : write());
    options.log.info({ op: change.op, kind: change.item.kind.name, path: change.item.path }, "applied");
  };
  const runsFirst = ({ change }: (typeof nodes)[number]) => change.item.kind.runsFirst === true;
  const ended = new Map([
    ...(await runGraph(nodes.filter(runsFirst), 1, act)),
    ...(await runGraph(
      nodes.filter((node) => !runsFirst(node)),
      options.concurrency,
      act,
    )),
  ]);
  const endOf = (change: Change) => ended.get(change.item.path);
  return {
    done: changes.filter((change) => endOf(change)?.kind === "done"),
    failed: changes.flatMap((change) => {
      const end = endOf(change);
      return end?.kind === "failed" ? [{ item: change.item, error: asAppError(end.error) }] : [];
    }),
    blocked: changes.flatMap((change) => {
      const end = endOf(change);
      return end?.kind === "blocked" ? [{ item: change.item, by: end.by }] : [];
    }),
    warnings: warningsOf(
      changes.map(({ item }) => item),
      ({ path }) => [...(warnings.get(path) ?? [])],
    ),
  };
}

/** A bug ends the run instead of counting as the object's failure. */
function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}
