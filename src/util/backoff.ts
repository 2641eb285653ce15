type Backoff = { readonly first: number; readonly factor?: number; readonly longest: number };

/**
 * Pauses between retries, in milliseconds.
 * @returns a function whose first call returns `first`, and each later call `factor` (2) times the last, up to `longest`
 */
export function backoff({ first, factor = 2, longest }: Backoff): () => number {
  let next = first;
  return () => {
    const pause = next;
    next = Math.min(longest, pause * factor);
    return pause;
  };
}
