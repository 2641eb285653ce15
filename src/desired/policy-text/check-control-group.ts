import { checkDuration } from "./check-wrapping-ttls.ts";
import type { Located } from "./decode/node.ts";
import type { Mistake } from "./mistake.ts";
import type { ControlGroup, Factor } from "./rules.ts";

type PartialGroup = Partial<ControlGroup>;

/**
 * Checks a control group of Vault Enterprise.
 * @param granted the capabilities of the path
 * @see https://developer.hashicorp.com/vault/docs/enterprise/control-groups
 */
export function checkControlGroup(group: Located<PartialGroup> | undefined, granted: readonly string[]): Mistake[] {
  if (group === undefined) return [];
  const { ttl, factor } = group.value;
  const factors = [...(factor ?? [])];
  const expected = 'factor "name" { identity { ... } }';
  if (factors.length === 0) return [...checkDuration(ttl), { offset: group.offset, found: "no factor", expected }];
  return [...checkDuration(ttl), ...factors.flatMap(([name, each]) => checkFactor(name, each, granted))];
}

function checkFactor(name: string, { value, offset }: Located<Partial<Factor>>, granted: readonly string[]): Mistake[] {
  const { identity, controlled_capabilities: controlled = [] } = value;
  const mistake = (found: string, expected: string, at = offset) => ({ offset: at, found, expected });
  if (identity === undefined) return [mistake(`the factor "${name}" without an identity`, "identity { ... }")];
  const { group_ids: ids = [], group_names: names = [], approvals } = identity.value;
  const mistakes: Mistake[] = [];
  if (ids.length + names.length === 0) {
    mistakes.push(mistake("an identity without groups", "group_names or group_ids", identity.offset));
  }
  if (approvals === undefined || approvals.value <= 0n) {
    mistakes.push(mistake("an identity without approvals", "approvals of at least 1", identity.offset));
  }
  const foreign = controlled.filter((each) => !granted.includes(each.value));
  return [
    ...mistakes,
    ...foreign.map((each) => mistake(`"${each.value}"`, "a capability that the path grants", each.offset)),
  ];
}
