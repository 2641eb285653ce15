import type { Health } from "../health/read.ts";
import { hookNames } from "../health/vault-health.ts";
import { type Row, table } from "../util/table.ts";

/** Returns VaultHealth for a person: the last run of each hook, and the problems. */
export function showHealth(health: Health, color: boolean): string {
  const { observedAt, upToDate, drift = "unknown", problems = [] } = health;
  const hooks = table(["hook", "exit code", "ended", "message"], hookRows(health), { color, mood });
  const watcher = upToDate
    ? `observed at ${observedAt}`
    : `the watcher has reported nothing${observedAt === undefined ? "" : ` since ${observedAt}`}`;
  const rows = problems.map(({ reason, object, since, message, remedy }) => ({
    problem: reason,
    object,
    since,
    message: `${message}. ${remedy}`,
  }));
  const list = rows.length === 0 ? "" : `\n${table(["problem", "object", "since", "message"], rows, { color, mood })}`;
  return `\n${hooks}\ndrift: ${drift}; problems: ${problems.length}; ${watcher}\n${list}`;
}

function hookRows({ hooks = {} }: Health): Row[] {
  return hookNames.flatMap((hook) => {
    const run = hooks[hook];
    if (run === undefined) return [];
    const message = [run.message, run.remedy].filter((text) => text !== undefined).join(". ");
    return [{ hook, "exit code": String(run.exitCode), ended: run.finishedAt, message: message || undefined }];
  });
}

function mood(column: string, value: string): "good" | "bad" | undefined {
  if (column === "exit code") return value === "0" ? "good" : "bad";
  return column === "problem" ? "bad" : undefined;
}
