/** Interval between the lines of a running step when the output is not a terminal, in milliseconds. */
const plainIntervalMs = 15_000;

/** Sets the current activity of a running step, which is shown until the next call. */
export type Report = (activity: string) => void;

/**
 * Runs one step of a long job and shows its progress: on a terminal as one live line, elsewhere as a line every 15 s and one
 * at its end.
 *
 * @throws the error of `work`, after showing the step as failed
 */
export async function step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T> {
  const started = Date.now();
  let activity = "";
  const line = (mark: string) =>
    `${mark} ${title}${activity ? `: ${activity}` : ""} (${duration(Date.now() - started)})`;
  const timer = setInterval(() => show(line("…")), process.stdout.isTTY ? 500 : plainIntervalMs);
  try {
    const result = await work((text) => {
      activity = text;
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

/** Formats a duration in milliseconds as 8s or 2m05s. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}
