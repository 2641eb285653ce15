import type { Origin } from "../../kinds/model/kind.ts";
import type { Path, Problem } from "../problem.ts";

/** Results of a check other than the value. */
export type Checker = {
  readonly problems: Problem[];
  /** The position of each object of the result. */
  readonly origins: WeakMap<object, Origin>;
  /** Positions of the first lines of multi-line strings, by containing object and key. */
  readonly stringStarts: WeakMap<object, Map<string, Origin>>;
};

/** The path and position of the value under check. */
export type Position = { readonly path: Path; readonly at: Origin };
