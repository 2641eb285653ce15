import type { Item } from "./model/kind.ts";
import { policyPath } from "./system/policy.ts";

/** @returns the paths of the objects that must be in place before this one, whether they are declared or not */
export function predecessors({ within, requires = [], policies = [] }: Item): string[] {
  return [...(within === undefined ? [] : [within]), ...requires, ...policies.map(policyPath)];
}
