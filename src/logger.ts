import { type Logger, pino } from "pino";
import { redact } from "./redact.ts";

export type { Logger };

/** Where lines go: standard error, so that standard output holds only what a command answers. */
type Sink = { write(line: string): unknown };

/**
 * One JSON object a line, on standard error; every line passes through redact().
 * Messages are static, data goes into fields: `log.info({ pod }, "unsealed")`.
 */
export function createLogger(level: string, sink: Sink): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => sink.write(redact(line)) },
  );
}
