/**
 * Yields sets of `size` indices out of `count`, in lexicographic order: with 3 shares and size 2 these are 01, 02, 12.
 * @param most the most sets to yield: with many shares there are too many to try
 */
export function* shareSets(count: number, size: number, most = 100): Generator<readonly number[]> {
  if (size < 1 || size > count) return;
  const set = Array.from({ length: size }, (_, index) => index);
  for (let yielded = 0; yielded < most; yielded++) {
    yield [...set];
    let last = size - 1;
    while (last >= 0 && set[last] === count - size + last) last--;
    if (last < 0) return;
    const next = (set[last] ?? 0) + 1;
    for (let i = last; i < size; i++) set[i] = next + i - last;
  }
}
