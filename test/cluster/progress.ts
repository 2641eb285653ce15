/** How often a step that still runs says so where no terminal shows a live line, in milliseconds. */
const quietEvery = 15_000;

/** Tells what a running step is at; shown until the next call. */
export type Report = (at: string) => void;

/**
 * Runs one step of a long job and shows it: on a terminal as one live line, elsewhere as a line at its start if it lasts,
 * one each 15 s, and one at its end.
 *
 * @throws what `work` throws, after the step was shown as failed
 */
export async function step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T> {
  const started = Date.now();
  let at = "";
  const line = (mark: string) => `${mark} ${title}${at ? `: ${at}` : ""} (${duration(Date.now() - started)})`;
  const timer = setInterval(() => show(line("…")), process.stdout.isTTY ? 500 : quietEvery);
  try {
    const result = await work((text) => {
      at = text;
    });
    finish(line("✓"));
    return result;
  } catch (error) {
    finish(line("✗"));
    throw error;
  } finally {
    clearInterval(timer);
  }
}

function show(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line.slice(0, process.stdout.columns - 1)}`);
  else console.log(line);
}

function finish(line: string): void {
  console.log(process.stdout.isTTY ? `\r\x1b[K${line}` : line);
}

/** @param ms milliseconds; told as people say it: 8s, 2m05s */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}
