/**
 * Runs `act` for every item, at most `limit` at once, and keeps the order of the answers.
 * The first failure ends it: nothing further is begun.
 */
export async function mapParallel<T, R>(
  items: readonly T[],
  limit: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const answers = new Array<R>(items.length);
  const queue = items.entries();
  let failed = false;
  async function work(): Promise<void> {
    for (const [index, item] of queue) {
      if (failed) return;
      answers[index] = await act(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return answers;
}

/** A node of a graph: it runs when everything it comes after has ended well. */
export type Node = { readonly id: string; readonly after: readonly string[] };

/** How a node ended. `blocked`: something that it comes after failed or was blocked; it was not begun. */
export type Ended<E> = { readonly kind: "done" } | { readonly kind: "failed"; readonly error: E } | Blocked;
type Blocked = { readonly kind: "blocked"; readonly by: string };

/**
 * Runs a graph, each node as soon as it may, at most `limit` at once. A failure stops only what comes after it.
 *
 * What a node has opened the way for goes before what could have been begun from the start: a policy, its role, the next policy.
 * Vault writes policies one after the other, and so the roles of a mount, but a policy and a role side by side.
 *
 * @param nodes `after` may name nodes that are not there: those are taken for done. There must be no cycle: nodes in one, and
 *   behind it, are never begun and count as failed, by an error that tells a bug.
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
  // the next one is the last
  const ready = nodes.filter(({ id }) => waiting.get(id)?.size === 0).reverse();
  let running = 0;

  await new Promise<void>((resolve) => {
    function finish(node: N, how: Ended<unknown>): void {
      ended.set(node.id, how);
      for (const follower of followers.get(node.id)?.toReversed() ?? []) {
        const open = waiting.get(follower.id);
        open?.delete(node.id);
        if (open?.size === 0) ready.push(follower);
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
  for (const { id } of nodes) if (!ended.has(id)) ended.set(id, neverBegun(id));
  return ended;
}

function neverBegun(id: string): Ended<unknown> {
  return { kind: "failed", error: new Error(`${id} was never begun: it comes after itself, or after one that does`) };
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
