import { styleText } from "node:util";
import { type Logger, pino } from "pino";
import { redact, redactFreeText } from "./redact.ts";

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
      formatters: { level: (label) => ({ level: label }), log: (fields) => ({ ...fields, ...freeTexts(fields) }) },
    },
    { write: (line: string) => write(redact(line)) },
  );
}

/**
 * The fields that may quote another program's error or a configured value, with all registered words redacted (see `wordsIn`).
 */
function freeTexts(fields: Record<string, unknown>): Record<string, string> {
  const texts = ["error", "todo", "warning", "stack"].flatMap((key) => {
    const text = fields[key];
    return typeof text === "string" ? [[key, redactFreeText(text)] as const] : [];
  });
  return Object.fromEntries(texts);
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
