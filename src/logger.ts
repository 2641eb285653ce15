import { type Logger, pino } from "pino";
import { redact, redactFreeText } from "./redact.ts";

export type { Logger };

/** Where lines go: standard error, so that standard output holds only what a command answers. */
export type Sink = (line: string) => void;

export type LogStyle = {
  readonly level: string;
  /** `json` writes one object a line; `table` lines for a person. */
  readonly output: "table" | "json";
  readonly color: boolean;
};

/**
 * Every line passes through redact(). Messages are static, data goes into fields:
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

/** Fields that hold what others say, or what was found in the configuration. */
function freeTexts(fields: Record<string, unknown>): Record<string, string> {
  const texts = ["error", "todo", "warning", "stack"].flatMap((key) => {
    const text = fields[key];
    return typeof text === "string" ? [[key, redactFreeText(text)] as const] : [];
  });
  return Object.fromEntries(texts);
}

const colors: Record<string, string> = { warn: "\u001b[33m", error: "\u001b[31m", debug: "\u001b[2m" };
const plain = "\u001b[0m";

function forPeople(line: string, color: boolean): string {
  const { level, time, msg, error, todo, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const shown = Object.entries(fields).map(([key, value]) => `${key}=${show(value)}`);
  const mark = level === "info" ? "" : `${level}: `;
  const details = [error, todo].filter((text) => text !== undefined).map((text) => `\n         ${text}`);
  const text = `${String(time).slice(11, 19)} ${mark}${msg}${shown.length > 0 ? `  ${shown.join(" ")}` : ""}${details.join("")}`;
  const paint = color ? colors[String(level)] : undefined;
  return `${paint === undefined ? text : `${paint}${text}${plain}`}\n`;
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
