import { styleText } from "node:util";
import { type Logger, pino } from "pino";
import { redactFreeText, redactIn, redactOutput } from "./redact.ts";

export type { Logger };

/** Takes one line of the log, line break included. */
export type Sink = (line: string) => void;

export type LogStyle = {
  readonly level: string;
  /** `json` writes one object a line, `table` writes lines for a person. */
  readonly output: "table" | "json";
  readonly color: boolean;
};

/**
 * Returns a logger that redacts every line. Messages are static and data goes into fields:
 * `log.info({ pod }, "unsealed")` becomes `{"level":"info","time":...,"pod":"vault-0","msg":"unsealed"}`,
 * or for a person `09:15:02 unsealed  pod=vault-0`.
 */
export function createLogger({ level, output, color }: LogStyle, sink: Sink): Logger {
  const write = output === "json" ? sink : (line: string) => sink(forPeople(line, color));
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
    },
    { write: (line: string) => write(redactOutput(line)) },
  );
}

/** Fields with the program's own words, in which text of others is redacted already, and with names. */
const ownWords = new Set([
  ...["error", "todo", "warning", "reason", "for", "exitCode", "step", "op", "kind", "path", "paths", "changed"],
  ...["pod", "claim", "uid", "where", "secret", "request", "roles", "leader", "cluster", "fingerprint", "intent"],
  ...["act", "why", "application", "observer", "namespace", "state", "peer", "peers", "id"],
]);

/** Any other field is a value. The stack of a bug may quote anything. */
function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  const shown = Object.entries(fields).map(([key, value]) => {
    if (ownWords.has(key)) return [key, value];
    return [key, key === "stack" ? redactFreeText(String(value)) : redactIn(value)];
  });
  return Object.fromEntries(shown);
}

const styles = new Map<unknown, "yellow" | "red" | "dim">([
  ["warn", "yellow"],
  ["error", "red"],
  ["debug", "dim"],
]);

function forPeople(line: string, color: boolean): string {
  const { level, time, msg, error, todo, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const shown = Object.entries(fields).map(([key, value]) => `${key}=${show(value)}`);
  const mark = level === "info" ? "" : `${level}: `;
  const details = [error, todo].filter((text) => text !== undefined).map((text) => `\n         ${text}`);
  const text = `${String(time).slice(11, 19)} ${mark}${msg}${shown.length > 0 ? `  ${shown.join(" ")}` : ""}${details.join("")}`;
  const style = color ? styles.get(level) : undefined;
  return `${style === undefined ? text : styleText(style, text, { validateStream: false })}\n`;
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
