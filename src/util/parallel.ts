/**
 * Runs `act` for every item, at most `limit` at once.
 * @returns the results in the order of the items
 * @throws the first error; no further item is started after it
 */
export async function mapParallel<T, R>(
  items: readonly T[],
  limit: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  let failed = false;
  async function work(): Promise<void> {
    for (const [index, item] of queue) {
      if (failed) return;
      results[index] = await act(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return results;
}

/** A node of a graph. It runs once every node in `after` is done. */
export type Node = { readonly id: string; readonly after: readonly string[] };

/** How a node ended. `blocked`: it was not started, since the node `by` failed or was blocked. */
export type Ended<E> = { readonly kind: "done" } | { readonly kind: "failed"; readonly error: E } | Blocked;
type Blocked = { readonly kind: "blocked"; readonly by: string };

/**
 * Runs the nodes of a graph, each as soon as its predecessors are done, at most `limit` at once. A failure blocks only the
 * nodes after it.
 *
 * Nodes that just became ready run before those that were ready from the start: a policy, its role, the next policy.
 * Vault serialises writes of policies, and writes of roles in one mount, but writes a policy and a role in parallel.
 *
 * @param nodes an id in `after` that is not among them counts as done. The graph must have no cycle: nodes in a cycle or after
 *   it are not started, and fail with an error that reports a bug.
 * @param act its rejection is the node's failure
 * @returns how each node ended, by id
 */
export async function runGraph<N extends Node>(
  nodes: readonly N[],
  limit: number,
  act: (node: N) => Promise<void>,
): Promise<Map<string, Ended<unknown>>> {
  const ended = new Map<string, Ended<unknown>>();
  const waiting = new Map(nodes.map((node) => [node.id, new Set(node.after)]));
  const followers = followersOf(nodes, waiting);
  // a stack: the last node runs next
  const ready = nodes.filter(({ id }) => waiting.get(id)?.size === 0).reverse();
  let running = 0;

  await new Promise<void>((resolve) => {
    function finish(node: N, how: Ended<unknown>): void {
      ended.set(node.id, how);
      for (const follower of followers.get(node.id)?.toReversed() ?? []) {
        const pending = waiting.get(follower.id);
        pending?.delete(node.id);
        if (pending?.size === 0) ready.push(follower);
      }
    }
    function next(): void {
      while (running < limit) {
        const node = ready.pop();
        if (node === undefined) break;
        const by = node.after.find((id) => ended.has(id) && ended.get(id)?.kind !== "done");
        if (by !== undefined) {
          finish(node, { kind: "blocked", by });
          continue;
        }
        running++;
        act(node)
          .then(
            () => finish(node, { kind: "done" }),
            (error: unknown) => finish(node, { kind: "failed", error }),
          )
          .finally(() => {
            running--;
            next();
          });
      }
      if (running === 0 && ready.length === 0) resolve();
    }
    next();
  });
  for (const { id } of nodes) if (!ended.has(id)) ended.set(id, neverStarted(id));
  return ended;
}

function neverStarted(id: string): Ended<unknown> {
  return { kind: "failed", error: new Error(`${id} was never started: it is in a cycle, or after one`) };
}

function followersOf<N extends Node>(nodes: readonly N[], waiting: Map<string, Set<string>>): Map<string, N[]> {
  const followers = new Map<string, N[]>();
  for (const node of nodes) {
    for (const id of new Set(node.after)) {
      if (!waiting.has(id)) {
        waiting.get(node.id)?.delete(id);
        continue;
      }
      const known = followers.get(id) ?? [];
      known.push(node);
      followers.set(id, known);
    }
  }
  return followers;
}
