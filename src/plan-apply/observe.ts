import { AppError } from "../errors.ts";
import type { Item, LiveReader } from "../kinds/model/kind.ts";
import { idsOf, resolveIds } from "../kinds/model/reference.ts";
import type { Values } from "../kinds/model/values.ts";
import { readerIn } from "../kinds/system/namespaces.ts";
import { mapParallel } from "../util/parallel.ts";
import type { Answer, Vault } from "../vault/client.ts";
import { withWarnings } from "./warnings.ts";

/** The live state of one object, or why it could not be read. */
export type Observed =
  | {
      /** undefined if the object does not exist. */
      readonly live: Values | undefined;
      /** By reference: the id in Vault of the object that it names. */
      readonly ids?: ReadonlyMap<string, string>;
      /** Vault's own warnings about the object. */
      readonly warnings?: readonly string[];
    }
  | { readonly error: AppError; readonly warnings?: readonly string[] };

/** By path of the object. */
export type LiveState = ReadonlyMap<string, Observed>;

/**
 * Reads the live state of each declared object, and nothing else. A read that fails does not stop the others.
 *
 * @param reader with a token that may read them
 * @param concurrency the maximum number of parallel requests
 */
export async function observe(reader: LiveReader, items: readonly Item[], concurrency: number): Promise<LiveState> {
  const state = new Map<string, Observed>();
  async function observeItem(item: Item): Promise<void> {
    const absent = isMissing(state, item.within);
    state.set(item.path, absent ? { live: undefined } : await readItem(reader, item));
  }
  for (const group of inReadOrder(items)) await mapParallel(group, concurrency, observeItem);
  return state;
}

/** First the objects that contain others (namespaces, mounts), outermost first; then all others. */
function inReadOrder(items: readonly Item[]): Item[][] {
  const byPath = new Map(items.map((item) => [item.path, item]));
  const depth = ({ within }: Item): number => {
    const outer = within === undefined ? undefined : byPath.get(within);
    return outer === undefined ? 0 : 1 + depth(outer);
  };
  const containers = new Set(items.map(({ within }) => within));
  const groups = Map.groupBy(items, (item) => (containers.has(item.path) ? depth(item) : Number.POSITIVE_INFINITY));
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

async function readItem(reader: LiveReader, item: Item): Promise<Observed> {
  const { result, texts } = await withWarnings(() => tryToRead(reader, item));
  return texts.length === 0 ? result : { ...result, warnings: texts };
}

async function tryToRead(reader: LiveReader, item: Item): Promise<Observed> {
  try {
    if (item.references === undefined) return { live: await item.kind.read(reader, item) };
    const ids = await idsOf(readerIn(item.namespace, reader), item.references);
    return { live: await item.kind.read(reader, resolveIds(item, ids)), ids };
  } catch (error) {
    if (error instanceof AppError) return { error };
    throw error;
  }
}

/** True for a mount that was read and does not exist, so nothing in it needs to be read. */
function isMissing(state: LiveState, mount: string | undefined): boolean {
  const observed = mount === undefined ? undefined : state.get(mount);
  return observed !== undefined && "live" in observed && observed.live === undefined;
}

/** @returns read access that sends each request of `once` only once. It is stale after a write: create a new one then. */
export function cachedReader(vault: Vault): LiveReader {
  const answers = new Map<string, Promise<Answer | undefined>>();
  return {
    vault,
    once(path) {
      const answer = answers.get(path) ?? vault.read(path);
      answers.set(path, answer);
      return answer;
    },
  };
}
