import type { Item, Origin } from "../kinds/model/kind.ts";
import { nearest } from "../util/nearest.ts";
import { showOrigin, suggest } from "./problem.ts";

/** A policy that an object names, by its path, and that the configuration does not declare. */
export type MissingPolicy = { readonly policy: string; readonly by: string; readonly at: Origin };

/** Policies that every Vault has. */
const builtIn = ["default", "root", "default-ceiling"];

/** @param declared the names of the policies that the configuration declares */
export function findMissingPolicies(items: readonly Item[], declared: readonly string[]): MissingPolicy[] {
  const known = new Set([...declared, ...builtIn]);
  return items.flatMap(({ policies = [], path, at }) =>
    policies.filter((name) => !known.has(name)).map((policy) => ({ policy, by: path, at })),
  );
}

/**
 * @param known valid names, from which the nearest is suggested
 * @param asked whether Vault was asked, and does not have the policy either
 */
export function describeMissing({ policy, by, at }: MissingPolicy, known: readonly string[], asked: boolean): string {
  const where = asked ? "is not declared here, and Vault does not have it" : "is not declared here";
  return `${showOrigin(at)}: ${by} names the policy ${policy}, which ${where}${suggest(nearest(policy, known))}`;
}
