import type { Origin } from "../kinds/model/kind.ts";

/** Compares positions: by file, line and column. */
export function byOrigin({ at: a }: { readonly at: Origin }, { at: b }: { readonly at: Origin }): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

/**
 * @param file the name to show in origins
 * @returns a function that converts an offset in the text to its line and column; fast when each offset is usually larger than
 * the last
 */
export function originsIn(file: string, text: string): (offset: number) => Origin {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const startOf = (line: number) => starts[line] ?? Number.POSITIVE_INFINITY;
  let line = 0;
  return (offset) => {
    while (startOf(line + 1) <= offset) line++;
    while (startOf(line) > offset) line--;
    return { file, line: line + 1, column: offset - startOf(line) + 1 };
  };
}
