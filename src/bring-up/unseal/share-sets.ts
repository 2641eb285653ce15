/**
 * Sets of `size` indices out of `count`, the first shares first: with 3 shares and size 2 these are 01, 02, 12.
 * @param most ends the list early: with many shares there are more sets than time
 */
export function* shareSets(count: number, size: number, most = 100): Generator<readonly number[]> {
  if (size < 1 || size > count) return;
  const set = Array.from({ length: size }, (_, index) => index);
  for (let given = 0; given < most; given++) {
    yield [...set];
    let place = size - 1;
    while (place >= 0 && set[place] === count - size + place) place--;
    if (place < 0) return;
    const next = (set[place] ?? 0) + 1;
    for (let i = place; i < size; i++) set[i] = next + i - place;
  }
}
