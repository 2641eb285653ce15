import { AppError } from "../errors.ts";
import type { Values } from "../kinds/model/compare.ts";
import type { Item, Live } from "../kinds/model/kind.ts";
import { idsOf, withIds } from "../kinds/model/reference.ts";
import { liveIn } from "../kinds/system/namespaces.ts";
import { mapParallel } from "../util/parallel.ts";
import type { Answer, Vault } from "../vault/client.ts";

/** What Vault holds of one object, or why that could not be read. */
export type Observed =
  | {
      readonly live: Values | undefined;
      /** The ids in Vault of what the object names, by reference. */
      readonly ids?: ReadonlyMap<string, string>;
    }
  | { readonly error: AppError };

/** What Vault holds, by path of the object. */
export type LiveState = ReadonlyMap<string, Observed>;

/**
 * Reads what Vault holds of each object that is declared, and nothing else. What one read fails on does not keep the
 * others from being read.
 *
 * @param live by a token that may read them
 * @param concurrency requests at once
 */
export async function observe(live: Live, items: readonly Item[], concurrency: number): Promise<LiveState> {
  const state = new Map<string, Observed>();
  async function observeItem(item: Item): Promise<void> {
    state.set(item.path, isMissing(state, item.within) ? { live: undefined } : await see(live, item));
  }
  for (const group of inOrder(items)) await mapParallel(group, concurrency, observeItem);
  return state;
}

/** Namespaces, mounts and whatever else has others in it, from the outside in; then all the rest. */
function inOrder(items: readonly Item[]): Item[][] {
  const byPath = new Map(items.map((item) => [item.path, item]));
  const depth = ({ within }: Item): number => {
    const outer = within === undefined ? undefined : byPath.get(within);
    return outer === undefined ? 0 : 1 + depth(outer);
  };
  const holders = new Set(items.map(({ within }) => within));
  const groups = Map.groupBy(items, (item) => (holders.has(item.path) ? depth(item) : Number.POSITIVE_INFINITY));
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

async function see(live: Live, item: Item): Promise<Observed> {
  try {
    if (item.references === undefined) return { live: await item.kind.read(live, item) };
    const ids = await idsOf(liveIn(item.namespace, live), item.references);
    return { live: await item.kind.read(live, withIds(item, ids)), ids };
  } catch (error) {
    if (error instanceof AppError) return { error };
    throw error;
  }
}

/** In a mount that does not exist there is nothing to ask for. */
function isMissing(state: LiveState, mount: string | undefined): boolean {
  const seen = mount === undefined ? undefined : state.get(mount);
  return seen !== undefined && "live" in seen && seen.live === undefined;
}

/** Vault as it is now: what several looks at it share is asked for once. After a write, a new one is needed. */
export function viewOf(vault: Vault): Live {
  const asked = new Map<string, Promise<Answer | undefined>>();
  return {
    vault,
    once(path) {
      const answer = asked.get(path) ?? vault.read(path);
      asked.set(path, answer);
      return answer;
    },
  };
}
