/** A line that goes, comes, or stays beside one of those; `...` stands for further lines that stay. */
export type DiffLine = { readonly is: "gone" | "come" | "kept" | "..."; readonly line: string };

/** How many pairs of lines are compared at most; texts that differ more are shown as all gone and all come. */
const most = 4_000_000;

/** What makes one text of the other, line by line, with one line around each change to tell where it is. Pure. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const kept = (lines: readonly string[]) => lines.map((line): DiffLine => ({ is: "kept", line }));
  const middle = changed(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return abridge([...kept(after.slice(0, head)), ...middle, ...kept(after.slice(after.length - tail))]);
}

/** By the longest common subsequence. */
function changed(before: readonly string[], after: readonly string[]): DiffLine[] {
  const diff: DiffLine[] = [];
  const common = before.length * after.length > most ? () => 0 : commonFrom(before, after);
  for (let [i, j] = [0, 0]; i < before.length || j < after.length; ) {
    const [gone, come] = [before[i], after[j]];
    if (gone !== undefined && gone === come && common(i, j) > 0) {
      diff.push({ is: "kept", line: gone });
      i++;
      j++;
    } else if (gone !== undefined && (come === undefined || common(i + 1, j) >= common(i, j + 1))) {
      diff.push({ is: "gone", line: gone });
      i++;
    } else if (come !== undefined) {
      diff.push({ is: "come", line: come });
      j++;
    }
  }
  return diff;
}

/** How many lines the rest of both has in common, from one line of each on. */
function commonFrom(before: readonly string[], after: readonly string[]): (i: number, j: number) => number {
  const width = after.length + 1;
  const table = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => table[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      table[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  return at;
}

function abridge(diff: readonly DiffLine[]): DiffLine[] {
  const near = diff.map((_, i) => [diff[i - 1], diff[i], diff[i + 1]].some((each) => each && each.is !== "kept"));
  const last = near.lastIndexOf(true);
  return diff.flatMap((each, i): DiffLine[] => {
    if (near[i]) return [each];
    return i > 0 && i < last && near[i - 1] ? [{ is: "...", line: "..." }] : [];
  });
}
