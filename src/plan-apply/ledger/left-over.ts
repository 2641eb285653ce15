import { AppError } from "../../errors.ts";
import { kinds } from "../../kinds/index.ts";
import type { Item, LiveReader } from "../../kinds/model/kind.ts";
import { readerIn } from "../../kinds/system/namespaces.ts";
import { mapParallel } from "../../util/parallel.ts";
import { declaredIn } from "./declared.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";

/** An object that `configure` has applied and that the configuration no longer declares. It stays in Vault. */
export type LeftOver = {
  readonly kind: string;
  readonly path: string;
  /** Whether `configure` created it, as far as the ledger knows. */
  readonly created: boolean;
};

type ObservedLeftOvers = {
  /** Sorted by path. */
  readonly leftOver: readonly LeftOver[];
  /** The paths of those that a person has deleted in Vault. */
  readonly gone: ReadonlySet<string>;
};

/** @returns the objects of the ledger that the configuration does not declare. Pure. */
function undeclaredIn(ledger: Ledger, items: readonly Item[]): LeftOver[] {
  const isDeclared = declaredIn(items);
  const found = [...ledger.objects].filter(([path]) => !isDeclared(path));
  return found.map(toLeftOver).sort(byPath);
}

/** @returns the objects that the last `configure` did not declare, sorted by path. Pure. */
export function leftOverIn(ledger: Ledger): LeftOver[] {
  const found = [...ledger.objects].filter(([, { leftOver }]) => leftOver);
  return found.map(toLeftOver).sort(byPath);
}

function toLeftOver([path, { kind, created }]: [string, LedgerEntry]): LeftOver {
  return { kind, path, created };
}

function byPath(a: LeftOver, b: LeftOver): number {
  return a.path < b.path ? -1 : 1;
}

/**
 * Reads whether each object that is no longer declared still exists. One that cannot be read counts as left over.
 *
 * @param ledger undefined if there is none, so that nothing is known
 * @param reader with a token that may read them
 * @param concurrency the maximum number of parallel requests
 */
export async function observeLeftOvers(
  reader: LiveReader,
  ledger: Ledger | undefined,
  items: readonly Item[],
  concurrency: number,
): Promise<ObservedLeftOvers> {
  if (ledger === undefined) return { leftOver: [], gone: new Set() };
  const undeclared = undeclaredIn(ledger, items);
  const namespaces = namespacesIn(ledger);
  const exists = await mapParallel(undeclared, concurrency, (each) => isInVault(reader, each, namespaces));
  return {
    leftOver: undeclared.filter((_, i) => exists[i]),
    gone: new Set(undeclared.filter((_, i) => !exists[i]).map(({ path }) => path)),
  };
}

const kindsByName = new Map(kinds.map((kind) => [kind.name, kind]));

async function isInVault(reader: LiveReader, { kind: name, path }: LeftOver, namespaces: readonly string[]) {
  const kind = kindsByName.get(name);
  if (kind === undefined) return true;
  const namespace = namespaces.find((each) => path.startsWith(`${each}/`));
  const inside = namespace === undefined ? path : path.slice(namespace.length + 1);
  const own = readerIn(namespace, reader);
  try {
    if (kind.exists !== undefined) return await kind.exists(own, inside);
    const at = { file: "", line: 0, column: 0 };
    return (await kind.read(own, { kind, path: inside, desired: {}, at })) !== undefined;
  } catch (error) {
    if (error instanceof AppError) return true;
    throw error;
  }
}

/** The longest first: a namespace is an object of its parent. */
function namespacesIn({ objects }: Ledger): string[] {
  const paths = [...objects].flatMap(([path, { kind }]) => (kind === "namespace" ? [path] : []));
  return paths.map((path) => path.replace(/(^|\/)sys\/namespaces\//, "$1")).sort((a, b) => b.length - a.length);
}
