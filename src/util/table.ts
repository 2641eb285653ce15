import { styleText } from "node:util";

/** One row, by column name; a missing value shows as "-". */
export type Row = Readonly<Record<string, string | undefined>>;

export type TableStyle = {
  readonly color: boolean;
  /** Picks the colour of a cell. A colour never says more than the text. */
  readonly mood?: (column: string, value: string) => "good" | "bad" | undefined;
};

const styles = { good: "green", bad: "red", head: "bold" } as const;

/** Returns rows under their headings, each column as wide as its widest cell. Ends with a line break. */
export function table(columns: readonly string[], rows: readonly Row[], { color, mood }: TableStyle): string {
  const texts = rows.map((row) => columns.map((column) => row[column] ?? "-"));
  const widths = columns.map((column, i) => Math.max(column.length, ...texts.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[], style: (i: number, cell: string) => keyof typeof styles | undefined) =>
    cells
      .map((cell, i) => {
        const padded = i === cells.length - 1 ? cell : cell.padEnd(widths[i] ?? 0);
        const name = color ? style(i, cell) : undefined;
        return name === undefined ? padded : styleText(styles[name], padded, { validateStream: false });
      })
      .join("  ");
  const head = line(
    columns.map((column) => column.toUpperCase()),
    () => "head",
  );
  const body = texts.map((row) => line(row, (i, cell) => mood?.(columns[i] ?? "", cell)));
  return `${[head, ...body].join("\n")}\n`;
}
