import { AppError } from "../errors.ts";
import type { Change, Item } from "../kinds/model/kind.ts";
import { predecessors } from "../kinds/order.ts";
import type { Logger } from "../logger.ts";
import { runGraph } from "../util/parallel.ts";
import { type Hold, serialQueue } from "../util/serial-queue.ts";
import type { Vault } from "../vault/client.ts";
import type { Plan } from "./plan.ts";
import { writeChange } from "./write.ts";

export type Applied = {
  readonly done: readonly Change[];
  readonly failed: readonly { readonly item: Item; readonly error: AppError }[];
  readonly blocked: readonly { readonly item: Item; readonly by: string }[];
};

export type ApplyOptions = {
  readonly log: Logger;
  /** Requests at once. */
  readonly concurrency: number;
  /** Runs what only one run at a time may do; taken once for all such changes that wait. */
  readonly exclusively: Hold;
};

/**
 * Writes the changes of a plan, each as soon as what it needs is in place. One that fails stops only what comes after
 * it. Decides nothing: what is not in the plan is not touched.
 *
 * @param vault with a token that may write them
 */
export async function apply(vault: Vault, { changes }: Plan, options: ApplyOptions): Promise<Applied> {
  const nodes = changes.map((change) => ({ id: change.item.path, after: predecessors(change.item), change }));
  const exclusively = serialQueue(options.exclusively);
  const seen = new Set<string>();
  const act = async ({ change }: (typeof nodes)[number]) => {
    const write = () => writeChange(vault, change, seen);
    await (change.item.kind.exclusive?.(change) === true ? exclusively(write) : write());
    options.log.info({ op: change.op, kind: change.item.kind.name, path: change.item.path }, "applied");
  };
  const isAlone = ({ change }: (typeof nodes)[number]) => change.item.kind.runsFirst === true;
  const ended = new Map([
    ...(await runGraph(nodes.filter(isAlone), 1, act)),
    ...(await runGraph(
      nodes.filter((node) => !isAlone(node)),
      options.concurrency,
      act,
    )),
  ]);
  const how = (change: Change) => ended.get(change.item.path);
  return {
    done: changes.filter((change) => how(change)?.kind === "done"),
    failed: changes.flatMap((change) => {
      const end = how(change);
      return end?.kind === "failed" ? [{ item: change.item, error: asAppError(end.error) }] : [];
    }),
    blocked: changes.flatMap((change) => {
      const end = how(change);
      return end?.kind === "blocked" ? [{ item: change.item, by: end.by }] : [];
    }),
  };
}

/** A bug is not an object's failure: it ends the run. */
function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}
